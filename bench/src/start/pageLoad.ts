/** Loads the page in Chromium and measures when a user can work with it. */
import type { Browser, Page } from '@playwright/test';

export interface PageLoad {
  readonly firstPaintMs: number;
  /** When the composer accepts text, the last message is drawn, and no long task is running. */
  readonly interactiveMs: number;
  /** Sum over all tasks of the time above 50 ms. */
  readonly blockedMs: number;
  readonly requests: number;
  readonly kilobytes: number;
}

/** Time without a long task after which the page counts as done. */
const quietMs = 700;

/** `lastText`: the beginning of the last message; null when there is none. */
export async function loadPage(browser: Browser, url: string, lastText: string | null): Promise<PageLoad> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    const traffic = { requests: 0, bytes: 0 };
    await session.send('Network.enable');
    session.on('Network.loadingFinished', ({ encodedDataLength }) => {
      traffic.requests += 1;
      traffic.bytes += encodedDataLength;
    });
    await page.addInitScript(watchPage, lastText);
    await page.goto(url, { waitUntil: 'commit' });
    await page.waitForFunction((quiet) => performance.now() - lastBusyAt() > quiet, quietMs, {
      polling: 50,
    });
    const times = await readTimes(page);
    return { ...times, requests: traffic.requests, kilobytes: traffic.bytes / 1024 };
  } finally {
    await context.close();
  }
}

interface Watched {
  usableAtMs: number;
  tasks: { startMs: number; durationMs: number }[];
}

declare global {
  interface Window {
    rillBench?: Watched;
  }
  /** Runs in the page. */
  function lastBusyAt(): number;
}

/** Runs in the page before its scripts. */
function watchPage(lastText: string | null): void {
  const watched: Watched = { usableAtMs: Number.POSITIVE_INFINITY, tasks: [] };
  window.rillBench = watched;
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries())
      watched.tasks.push({ startMs: startTime, durationMs: duration });
  }).observe({ type: 'longtask', buffered: true });
  globalThis.lastBusyAt = () =>
    Math.max(watched.usableAtMs, ...watched.tasks.map(({ startMs, durationMs }) => startMs + durationMs));
  const look = (): void => {
    const composer = document.querySelector<HTMLTextAreaElement>('textarea');
    const last = [...document.querySelectorAll('article')].at(-1);
    const isDrawn = lastText === null || (last?.textContent ?? '').includes(lastText);
    if (composer && !composer.disabled && isDrawn) watched.usableAtMs = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

const readTimes = (page: Page): Promise<Pick<PageLoad, 'firstPaintMs' | 'interactiveMs' | 'blockedMs'>> =>
  page.evaluate(() => {
    const { tasks = [] } = window.rillBench ?? {};
    const [paint] = performance.getEntriesByName('first-contentful-paint');
    return {
      firstPaintMs: paint?.startTime ?? Number.NaN,
      interactiveMs: lastBusyAt(),
      blockedMs: tasks.reduce((sum, { durationMs }) => sum + durationMs - 50, 0),
    };
  });
