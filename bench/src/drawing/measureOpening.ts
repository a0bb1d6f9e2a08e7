/**
 * `npm run measure:opening`: measures how long a chat of the sidebar takes to show its text, among 5,000 chats with
 * 250,000 messages and with 70 ms of delay to the server. Also measures the longest task of that and of the sidebar
 * itself, and how long the server takes for the list, a search and a chat.
 */
import { mkdir, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
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
  projectCount,
  projectId,
} from '../grow/fillDatabase.ts';
import { openBrowser } from '../support/browser.ts';
import { figure, formatTable, say } from '../support/report.ts';
import { median, percentile } from '../support/statistics.ts';
import { timedGet } from '../support/timedRequest.ts';

const chatCount = 5000;
const delayMs = 70;
const openings = 100;
const tracedOpenings = 20;
const serverRequests = 200;
const searched = ['look', 'part that changed', 'simpl', 'next thing to look at', 'xyzzy'];
/**
 * The newest chats of the first project, which are the first rows of the sidebar. The project has the chats with even
 * numbers.
 */
const rows = Array.from({ length: 20 }, (_, index) => chatCount - 2 - 2 * index);

/** How the mouse presses a row. */
interface Press {
  readonly name: string;
  /** How long the mouse is over the row before it is pressed. */
  readonly overMs: number;
  /** How long the button is down: the click happens when it is released. */
  readonly heldMs: number;
}

const presses: readonly Press[] = [
  { name: 'as a hand presses: 100 ms over the row, 60 ms down', overMs: 100, heldMs: 60 },
  { name: 'as no hand can: no time over the row, none down', overMs: 0, heldMs: 0 },
];

interface Opening {
  readonly ms: number;
  readonly fromClickMs: number;
  /** Texts of a chat that is neither the former one nor the pressed one. */
  readonly foreignTexts: number;
}

/** Resolves in the frame that draws the last message of the chat. */
function watchOpening([before, wanted]: [string, string]): Promise<Opening> {
  return new Promise((resolve) => {
    let pressedAtMs = Number.NaN;
    let clickedAtMs = Number.NaN;
    let foreignTexts = 0;
    const once = { capture: true, once: true };
    addEventListener('pointerdown', (event) => (pressedAtMs = event.timeStamp), once);
    addEventListener('click', (event) => (clickedAtMs = event.timeStamp), once);
    const look = (): void => {
      const last = [...document.querySelectorAll('[role="log"] [data-message-id]')].at(-1);
      const id = last?.getAttribute('data-message-id');
      if (id && id !== before && id !== wanted) foreignTexts += 1;
      if (id === wanted && last?.textContent.includes('Look at the part')) {
        requestAnimationFrame(() => {
          const nowMs = performance.now();
          resolve({ ms: nowMs - pressedAtMs, fromClickMs: nowMs - clickedAtMs, foreignTexts });
        });
      } else {
        requestAnimationFrame(look);
      }
    };
    requestAnimationFrame(look);
  });
}

const lastMessage = (chat: number): string => messageId(chat, messagesPerChat - 1);

async function open(
  page: Page,
  [before, chat]: readonly [number, number],
  { overMs, heldMs }: Press,
): Promise<Opening> {
  const row = page.locator(`a[data-chat-id="${chatId(chat)}"]`);
  await row.scrollIntoViewIfNeeded();
  const opened = page.evaluate(watchOpening, [lastMessage(before), lastMessage(chat)] as [string, string]);
  if (overMs > 0) await row.hover();
  await sleep(overMs);
  await row.click({ delay: heldMs });
  return opened;
}

/** The longest task from the opening of the page until all rows of the sidebar are drawn. */
async function measureSidebar(browser: Browser, url: string): Promise<number> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await browser.startTracing(page, { categories: ['toplevel'] });
  await page.goto(`${url}/projects/${projectId(0)}/chats/${chatId(rows[0] ?? 0)}`);
  // Not found by role: that would be a task of the page, over all rows.
  await page.locator('.sidebar-list > button').waitFor();
  const trace = await browser.stopTracing();
  await page.close();
  return longestTaskMs(JSON.parse(trace.toString()));
}

/** Resolves when the search index has all messages: while a server indexes, it answers more slowly than usual. */
async function waitForIndex(url: string): Promise<void> {
  while (!(await (await fetch(`${url}/api/search?q=look`)).json()).isComplete) await sleep(500);
}

async function measureServer(url: string): Promise<[string, number, number][]> {
  const chatsOf = (project: number) => `${url}/api/projects/${projectId(project)}/chats`;
  const requests: readonly [string, (turn: number) => string][] = [
    ['the list of a project, 100 chats', (turn) => `${chatsOf(turn % projectCount)}?limit=100`],
    [
      'a search',
      (turn) => `${url}/api/search?q=${encodeURIComponent(searched[turn % searched.length] ?? '')}`,
    ],
    ['a chat', (turn) => `${chatsOf(0)}/${chatId(((turn * 37) % (chatCount / 2)) * 2)}`],
  ];
  const measured: [string, number, number][] = [];
  for (const [name, urlOf] of requests) {
    const times: number[] = [];
    for (let turn = 0; turn < serverRequests; turn += 1) times.push((await timedGet(urlOf(turn))).ms);
    measured.push([name, median(times), percentile(times, 0.95)]);
  }
  return measured;
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
  say('Waits until all messages are in the search index.');
  await waitForIndex(rill.url);
  const server = await measureServer(rill.url);
  const sidebarTaskMs = await measureSidebar(browser, rill.url);
  const page = await openPage(browser, rill.url);
  let shown = rows[0] ?? 0;
  const opened: (string | number)[][] = [];
  for (const press of presses) {
    const measured: Opening[] = [];
    for (let opening = 1; opening <= openings; opening += 1) {
      const next = rows[(opening * 7) % rows.length] ?? 0;
      measured.push(await open(page, [shown, next], press));
      shown = next;
    }
    const times = measured.map(({ ms }) => ms);
    const fromClick = measured.map(({ fromClickMs }) => fromClickMs);
    opened.push([
      press.name,
      ...[times, fromClick].flatMap((each) => [figure(median(each)), figure(percentile(each, 0.95))]),
      measured.reduce((sum, { foreignTexts }) => sum + foreignTexts, 0),
    ]);
  }
  const taskMs: number[] = [];
  for (let opening = 1; opening <= tracedOpenings; opening += 1) {
    const next = rows[(opening * 3) % rows.length] ?? 0;
    await browser.startTracing(page, { categories: ['toplevel'] });
    await open(page, [shown, next], presses[0] as Press);
    const trace = await browser.stopTracing();
    taskMs.push(longestTaskMs(JSON.parse(trace.toString())));
    shown = next;
  }
  say(
    formatTable({
      title: `Opening a chat among ${chatCount}, ${delayMs} ms from the server: ${openings} times each way, to the frame with its text`,
      head: ['', 'press p50 ms', 'p95 ms', 'click p50 ms', 'p95 ms', 'texts of another chat'],
      rows: opened,
    }),
  );
  say(
    formatTable({
      title: "The page's longest task, ms on its thread",
      head: ['the sidebar is drawn', 'a chat is opened'],
      rows: [[figure(sidebarTaskMs), figure(Math.max(...taskMs))]],
    }),
  );
  say(
    formatTable({
      title: `The server's answers, ${serverRequests} each, over one connection without delay`,
      head: ['', 'p50 ms', 'p95 ms'],
      rows: server.map(([name, p50, p95]) => [name, figure(p50), figure(p95)]),
    }),
  );
} finally {
  await browser.close();
  await rill.stop();
}
