/**
 * Tests the installed page: it opens without a server, says so, keeps what is written, and continues when the server is
 * back.
 */
import { ChatPage } from './support/chatPage.ts';
import { startRenamingProxy } from './support/renamingProxy.ts';
import { expect, test } from './support/rillTest.ts';

test.use({ serviceWorkers: 'allow' });

const offlineWords = 'You are offline: the server cannot be reached. What you write is kept.';

/** Resolves when the browser has stored the whole page for use without a server. */
const whenKept = (chat: ChatPage): Promise<unknown> =>
  chat.page.evaluate(async () => void (await navigator.serviceWorker.ready));

/** The browser's complaints, except those about each request to a server that is gone. */
const otherComplaints = (chat: ChatPage): string[] =>
  chat.complaints.filter((text) => !/ERR_CONNECTION_REFUSED|Failed to load resource/.test(text));

test('opens without a server, keeps what is written, and continues when the server is back', async ({
  page,
  rill,
}) => {
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Before');
  await expect(chat.answers).toHaveCount(1);
  await chat.settled();
  await whenKept(chat);
  await rill.kill9();
  await page.goto(rill.url);
  await expect(page.getByText(offlineWords)).toBeVisible();
  await chat.composer.fill('Written without a server');
  await page.reload();
  await expect(page.getByText(offlineWords)).toBeVisible();
  await expect(chat.composer).toHaveValue('Written without a server');
  await chat.composer.press('End');
  await chat.composer.pressSequentially(', and more');
  await rill.restart();
  await expect(page.getByText(offlineWords)).toBeHidden();
  await expect(page.getByRole('complementary').getByRole('link', { name: 'Before' })).toBeVisible();
  await expect(chat.composer).toHaveValue('Written without a server, and more');
  await expect(chat.composer).toBeFocused();
  await chat.composer.press('Enter');
  await expect(chat.answers).toHaveCount(1);
  await chat.settled();
  expect(otherComplaints(chat)).toEqual([]);
});

test('sends a message that was written without a server once it is back', async ({ page, rill }) => {
  const chat = new ChatPage(page);
  await chat.open();
  await whenKept(chat);
  await rill.kill9();
  await page.reload();
  await expect(page.getByText(offlineWords)).toBeVisible();
  await chat.send('Sent without a server');
  await expect(page.getByRole('log').getByText('Sent without a server')).toBeVisible();
  await rill.restart();
  await expect(chat.answers).toHaveCount(1);
  await chat.settled();
  const asked = rill.simulator.requests.filter(({ model }) => model === 'demo/quick');
  expect(asked).toHaveLength(1);
});

test('opens a chat without a server, in which the user can write, and shows its text when the server is back', async ({
  page,
  rill,
}) => {
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('A question');
  await expect(chat.answers).toHaveCount(1);
  await chat.settled();
  await whenKept(chat);
  await rill.kill9();
  await page.reload();
  await expect(page.getByText(offlineWords)).toBeVisible();
  await expect(page.getByText('The messages of this chat come when the server is back.')).toBeVisible();
  await chat.composer.fill('A second question');
  // There is no chat that it could open yet.
  await chat.composer.press('Enter');
  await expect(chat.composer).toHaveValue('A second question');
  await rill.restart();
  await expect(chat.answers).toHaveCount(1);
  await expect(chat.composer).toHaveValue('A second question');
  await expect(chat.composer).toBeFocused();
  await chat.composer.press('Enter');
  await expect(chat.answers).toHaveCount(2);
});

test.describe('with an access token, under a base path', () => {
  const token = 'a-token-of-many-characters';
  test.use({ rillOptions: { environment: { RILL_ACCESS_TOKEN: token, RILL_BASE_PATH: '/team/chat' } } });

  test('the sign-in works as before, and the page opens without a server', async ({ page, rill }) => {
    const chat = new ChatPage(page);
    // With the final slash: a service worker controls only the addresses below it.
    await page.goto(`${rill.url}/`);
    await page.getByLabel('Access token').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(chat.composer).toBeVisible();
    await whenKept(chat);
    const scope = await page.evaluate(async () => (await navigator.serviceWorker.ready).scope);
    expect(scope).toBe(`${rill.url}/`);
    await page.reload();
    await expect(chat.composer).toBeVisible();
    await rill.kill9();
    await page.reload();
    await expect(page.getByText(offlineWords)).toBeVisible();
    await rill.restart();
    await expect(page.getByText(offlineWords)).toBeHidden();
    await chat.send('Hello');
    await expect(chat.answers).toHaveCount(1);
    await chat.settled();
    await page.context().clearCookies();
    await page.reload();
    await expect(page.getByLabel('Access token')).toBeVisible();
  });
});

test('keeps the files of the page, and nothing of the API', async ({ page, rill }) => {
  const chat = new ChatPage(page);
  await chat.open();
  await whenKept(chat);
  await page.reload();
  await chat.send('A secret question');
  await expect(chat.answers).toHaveCount(1);
  await chat.settled();
  const kept = await page.evaluate(async () => {
    const caches = await window.caches.keys();
    const requests = await Promise.all(caches.map(async (name) => (await window.caches.open(name)).keys()));
    return requests.flat().map(({ url }) => url);
  });
  const paths = kept.map((url) => url.slice(rill.url.length));
  expect(paths.length).toBeGreaterThan(10);
  expect(
    paths.filter(
      (path) => !/^\/(assets\/[\w.-]+|firstPaint\.js|manifest\.webmanifest|icons\/192\.png|)$/.test(path),
    ),
  ).toEqual([]);
});

test('a new build is used at the next opening, and its shell is kept beside that of the former one', async ({
  page,
  rill,
}) => {
  const proxy = await startRenamingProxy(rill.url);
  const chat = new ChatPage(page);
  const builds = () => page.evaluate(async () => (await caches.keys()).map((name) => name.split(' ').at(-1)));
  const outdated = page.getByRole('main').getByText('A new version is ready.');
  await chat.open(proxy.url);
  await whenKept(chat);
  const [own = ''] = await builds();
  // The page names another build than the server does.
  proxy.build = 'build-before';
  await page.goto(proxy.url);
  await expect(outdated).toBeVisible();
  await expect.poll(builds).toEqual([own, 'build-before']);
  proxy.build = null;
  await page.reload();
  await expect(chat.composer).toBeVisible();
  await expect(outdated).toHaveCount(0);
  expect(otherComplaints(chat)).toEqual([]);
  await proxy.close();
});

test('meets the requirements of browsers for an installable page', async ({ page, rill }) => {
  await page.goto('/');
  const href = await page.locator('link[rel=manifest]').getAttribute('href');
  const address = new URL(href ?? '', rill.url);
  const manifest = (await (await page.request.get(address.href)).json()) as {
    start_url: string;
    display: string;
    icons: { src: string; sizes: string; type: string; purpose?: string }[];
  };
  expect(manifest).toMatchObject({ start_url: './', display: 'standalone' });
  expect(manifest.icons.map(({ sizes, purpose }) => [sizes, purpose ?? 'any'])).toEqual([
    ['192x192', 'any'],
    ['512x512', 'any'],
    ['512x512', 'maskable'],
  ]);
  for (const { src, sizes } of manifest.icons) {
    const url = new URL(src, address).href;
    const size = await page.evaluate(async (source) => {
      const image = new Image();
      image.src = source;
      await image.decode();
      return `${image.naturalWidth}x${image.naturalHeight}`;
    }, url);
    expect(size).toBe(sizes);
  }
});
