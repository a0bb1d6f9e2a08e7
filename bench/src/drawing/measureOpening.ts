/**
 * `npm run measure:opening`: measures how long a chat of the sidebar takes from the press of the pointer to its text,
 * among 5,000 chats with 250,000 messages and with 70 ms of delay to the server, and the longest task of it.
 */
import { mkdir, rm } from 'node:fs/promises';
import type { Browser, Page } from '@playwright/test';
import { startRill } from '../../../e2e/support/startRill.ts';
import { ensureBuilt } from '../../../scripts/ensureBuilt.ts';
import { longestTaskMs } from '../frames/readTrace.ts';
import {
  chatId,
  fillDatabase,
  makeDatabase,
  messageId,
  messagesPerChat,
  projectId,
} from '../grow/fillDatabase.ts';
import { openBrowser } from '../support/browser.ts';
import { figure, formatTable, say } from '../support/report.ts';
import { median, percentile } from '../support/statistics.ts';

const chatCount = 5000;
const delayMs = 70;
const openings = 100;
const tracedOpenings = 20;
/** The newest chats of the first project, which has those with even numbers: they are the first rows of the sidebar. */
const rows = Array.from({ length: 20 }, (_, index) => chatCount - 2 - 2 * index);

interface Opening {
  readonly ms: number;
  /** Texts of a chat that is neither the one before nor the one that was pressed. */
  readonly strangers: number;
}

/** Resolves in the frame that draws the last message of the chat. */
function watchOpening([before, wanted]: [string, string]): Promise<Opening> {
  return new Promise((resolve) => {
    let pressedAtMs = Number.NaN;
    let strangers = 0;
    addEventListener('pointerdown', (event) => (pressedAtMs = event.timeStamp), {
      capture: true,
      once: true,
    });
    const look = (): void => {
      const last = [...document.querySelectorAll('[role="log"] [data-message-id]')].at(-1);
      const id = last?.getAttribute('data-message-id');
      if (id && id !== before && id !== wanted) strangers += 1;
      if (id === wanted && last?.textContent.includes('Look at the part')) {
        requestAnimationFrame(() => resolve({ ms: performance.now() - pressedAtMs, strangers }));
      } else {
        requestAnimationFrame(look);
      }
    };
    requestAnimationFrame(look);
  });
}

const lastMessage = (chat: number): string => messageId(chat, messagesPerChat - 1);

async function open(page: Page, before: number, chat: number): Promise<Opening> {
  const row = page.locator(`a[data-chat-id="${chatId(chat)}"]`);
  await row.scrollIntoViewIfNeeded();
  const opened = page.evaluate(watchOpening, [lastMessage(before), lastMessage(chat)] as [string, string]);
  await row.click();
  return opened;
}

async function openPage(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const session = await page.context().newCDPSession(page);
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: delayMs,
    downloadThroughput: -1,
    uploadThroughput: -1,
  });
  await page.goto(`${url}/projects/${projectId(0)}/chats/${chatId(rows[0] ?? 0)}`);
  await page.locator(`[data-message-id="${lastMessage(rows[0] ?? 0)}"]`).waitFor();
  return page;
}

ensureBuilt('page', 'server');
const rill = await startRill();
const browser = await openBrowser();
try {
  await rill.kill9();
  await rm(rill.dataDirectory, { recursive: true });
  await mkdir(rill.dataDirectory);
  await makeDatabase(rill.dataDirectory);
  fillDatabase(rill.dataDirectory, 0, chatCount);
  await rill.restart();
  const page = await openPage(browser, rill.url);
  const measured: Opening[] = [];
  let shown = rows[0] ?? 0;
  for (let opening = 1; opening <= openings; opening += 1) {
    const next = rows[(opening * 7) % rows.length] ?? 0;
    measured.push(await open(page, shown, next));
    shown = next;
  }
  const taskMs: number[] = [];
  for (let opening = 1; opening <= tracedOpenings; opening += 1) {
    const next = rows[(opening * 3) % rows.length] ?? 0;
    await browser.startTracing(page, { categories: ['toplevel'] });
    await open(page, shown, next);
    const trace = await browser.stopTracing();
    taskMs.push(longestTaskMs(JSON.parse(trace.toString())));
    shown = next;
  }
  const times = measured.map(({ ms }) => ms);
  say(
    formatTable({
      title: `Opening a chat among ${chatCount}, ${delayMs} ms from the server, from the press to its text`,
      head: ['openings', 'p50 ms', 'p95 ms', 'longest task ms', 'texts of another chat'],
      rows: [
        [
          openings,
          figure(median(times)),
          figure(percentile(times, 0.95)),
          figure(Math.max(...taskMs)),
          measured.reduce((sum, { strangers }) => sum + strangers, 0),
        ],
      ],
    }),
  );
} finally {
  await browser.close();
  await rill.stop();
}
