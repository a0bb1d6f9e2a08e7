/**
 * Keeps the built page, so that it opens without a server. It answers for two things: the page itself, which the server
 * has first say on, and the files of the build, whose names change with what is in them. It never sees the API: no request
 * under /api, no event stream, nothing that is not a GET. The build replaces the next line (serviceWorkerFiles.ts).
 */
const shell = { build: '', files: [] };

const cachePrefix = `rill-shell ${registration.scope} `;
const cacheName = cachePrefix + shell.build;
/** The shell of the build before is kept too, for tabs that are of it and load a part late. */
const keptShellCount = 2;
/** A server that hangs is as good as none after this. */
const pageWaitMs = 5000;
const pageUrl = registration.scope;
const assetsUrl = new URL('assets/', registration.scope).href;
const fileUrls = new Set(shell.files.map((name) => new URL(name, registration.scope).href));

addEventListener('install', (event) => {
  skipWaiting();
  event.waitUntil(keepBuild());
});

addEventListener('activate', (event) => {
  event.waitUntil(Promise.all([dropOldShells(), registration.navigationPreload?.enable()]));
});

addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET') return;
  const url = request.url.split(/[?#]/, 1)[0] ?? '';
  if (request.mode === 'navigate') {
    if (isPage(url)) event.respondWith(openPage(event));
  } else if (url.startsWith(assetsUrl) || fileUrls.has(url)) event.respondWith(openFile(request));
});

/** Every address of the page is the page; the API's, and files that are opened by themselves, are the server's. */
function isPage(url) {
  const path = url.slice(registration.scope.length);
  return url.startsWith(registration.scope) && !/^(api|assets)(\/|$)/.test(path) && !fileUrls.has(url);
}

/** Fails when the server has another build by now: then its own worker keeps that one. */
async function keepBuild() {
  const cache = await caches.open(cacheName);
  const page = await fetch(pageUrl, { cache: 'no-cache' });
  const html = await page.clone().text();
  if (!page.ok || !html.includes(`"${shell.build}"`)) throw new Error('The server has another page.');
  await cache.addAll([...fileUrls]);
  await cache.put(pageUrl, page);
}

async function dropOldShells() {
  // In the order in which they were made.
  const names = (await caches.keys()).filter((name) => name.startsWith(cachePrefix));
  const before = names.filter((name) => name !== cacheName);
  await Promise.all(before.slice(0, before.length - keptShellCount + 1).map((name) => caches.delete(name)));
}

/** The server's page; the kept one when there is no server, or only a proxy that says so. */
async function openPage(event) {
  const kept = async () => (await caches.open(cacheName)).match(pageUrl);
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(undefined), pageWaitMs);
  });
  try {
    const asked = Promise.resolve(event.preloadResponse).then((response) => response ?? fetch(event.request));
    // What comes too late is not an error of this page.
    asked.catch(() => undefined);
    const response = await Promise.race([asked, late]);
    const isAway = response === undefined || [502, 503, 504].includes(response.status);
    return isAway ? ((await kept()) ?? (await asked)) : response;
  } catch {
    return (await kept()) ?? Response.error();
  } finally {
    clearTimeout(timer);
  }
}

async function openFile(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}
