/**
 * Types drafts in a real browser and disturbs the page at random moments: no text that was typed more than half a
 * second before may be lost.
 */
import type { Browser, BrowserContext, Page } from '@playwright/test';
import { ChatPage } from '../support/chatPage.ts';
import type { Rill } from '../support/startRill.ts';
import { type SeededRandom, seededRandom } from './draftRandom.ts';

export const fuzzToken = 'a-long-enough-secret';
/** Text typed within this time before the disturbance may be lost, in milliseconds. */
const graceMs = 500;
const foundWithinMs = 20_000;
const words = [
  'tide',
  'moon ',
  'été ',
  '😀',
  'x',
  '\n',
  'sea-',
  '日本 ',
  'a longer run of words ',
  '"quoted" ',
];

export const disturbances = [
  'reload',
  'kill the tab',
  'cut the network',
  'end the session',
  'switch chats',
  'delete the chat elsewhere',
  'kill the server',
] as const;
export type Disturbance = (typeof disturbances)[number];

export interface DraftLoss {
  readonly round: number;
  readonly disturbance: Disturbance;
  readonly expected: string;
  readonly found: string;
}

export interface FuzzOptions {
  readonly rill: Rill;
  readonly browser: Browser;
  readonly seed: number;
  readonly rounds: number;
  readonly onRound?: (round: number, disturbance: Disturbance) => void;
}

/** Rill must be started with `fuzzToken` as its access token. Resolves with every loss. */
export async function fuzzDrafts(options: FuzzOptions): Promise<DraftLoss[]> {
  const random = seededRandom(options.seed);
  const context = await options.browser.newContext();
  const session = new FuzzSession(options.rill, context, random);
  const losses: DraftLoss[] = [];
  try {
    await session.start();
    for (let round = 1; round <= options.rounds; round += 1) {
      // The kinds alternate, so that a short run has all of them.
      const disturbance = disturbances[round % disturbances.length] ?? 'reload';
      options.onRound?.(round, disturbance);
      const expected = await session.typeUntilDisturbed(disturbance);
      const found = await session.findText(expected);
      if (found !== null) losses.push({ round, disturbance, expected, found });
    }
    return losses;
  } finally {
    await context.close();
  }
}

class FuzzSession {
  readonly #rill: Rill;
  readonly #context: BrowserContext;
  readonly #random: SeededRandom;
  readonly #chatPaths: string[] = [];
  #projectPath = '';
  #path = '';
  #chat: ChatPage | null = null;

  constructor(rill: Rill, context: BrowserContext, random: SeededRandom) {
    this.#rill = rill;
    this.#context = context;
    this.#random = random;
  }

  async start(): Promise<void> {
    const { projects } = (await this.#call('GET', '/api/projects')) as { projects: { id: string }[] };
    this.#projectPath = `/projects/${projects[0]?.id}`;
    for (let count = 0; count < 3; count += 1) await this.#makeChat();
    this.#path = this.#random.pick(this.#chatPaths);
    await this.#openPage();
  }

  /** Types for a moment, disturbs the page, and returns the text that must be kept. */
  async typeUntilDisturbed(disturbance: Disturbance): Promise<string> {
    const { composer } = this.#current;
    if ((await composer.inputValue()).length > 400) await composer.fill('');
    const typed: { readonly atMs: number; readonly text: string }[] = [];
    const strokes = 4 + this.#random.below(12);
    await composer.focus();
    await composer.press('Control+End');
    for (let stroke = 0; stroke < strokes; stroke += 1) {
      await this.#current.page.keyboard.insertText(this.#random.pick(words));
      typed.push({ atMs: Date.now(), text: await composer.inputValue() });
      await this.#current.page.waitForTimeout(this.#random.below(120));
    }
    const disturbedAtMs = Date.now();
    await this.#disturb(disturbance);
    return typed.findLast(({ atMs }) => atMs <= disturbedAtMs - graceMs)?.text ?? '';
  }

  /** Null when the composer and the server have the text; else the text that the composer has. */
  async findText(expected: string): Promise<string | null> {
    const deadlineMs = Date.now() + foundWithinMs;
    let found = '';
    for (;;) {
      found = await this.#current.composer.inputValue();
      if (found.includes(expected) && (await this.#draftAtServer()).includes(expected)) return null;
      if (Date.now() > deadlineMs) return found;
      await this.#current.page.waitForTimeout(50);
    }
  }

  get #current(): ChatPage {
    if (!this.#chat) throw new Error('No page is open.');
    return this.#chat;
  }

  async #disturb(disturbance: Disturbance): Promise<void> {
    const { page } = this.#current;
    switch (disturbance) {
      case 'reload':
        await page.reload();
        break;
      case 'kill the tab':
        await killTab(page);
        await this.#openPage();
        break;
      case 'cut the network':
        await this.#context.setOffline(true);
        await page.keyboard.insertText('typed without a network ');
        await page.waitForTimeout(this.#random.below(700));
        await this.#context.setOffline(false);
        break;
      case 'end the session':
        await this.#call('DELETE', '/api/session?everywhere=true');
        await page.reload();
        await this.#signIn(page);
        break;
      case 'switch chats':
        await this.#switchAndBack(page);
        break;
      case 'delete the chat elsewhere':
        await this.#deleteChat(page);
        break;
      case 'kill the server':
        await this.#rill.kill9();
        await this.#rill.restart();
        break;
    }
    await this.#current.composer.waitFor();
  }

  async #switchAndBack(page: Page): Promise<void> {
    const left = this.#path;
    const other = this.#random.pick(this.#chatPaths.filter((path) => path !== left));
    await this.#goTo(page, other);
    await page.waitForTimeout(this.#random.below(400));
    await this.#goTo(page, left);
  }

  /** Resolves when the other chat is in view; until then its field is that of the former chat. */
  async #goTo(page: Page, path: string): Promise<void> {
    const field = await this.#current.composer.elementHandle();
    const chat = page.locator(`a[href="${path}"]`).first();
    const newChat = page.getByRole('button', { name: /^New chat in / }).first();
    await (path.endsWith('/new') ? newChat : chat).click();
    await page.waitForURL(`**${path}`);
    await page.waitForFunction((element) => !element?.isConnected, field);
  }

  async #deleteChat(page: Page): Promise<void> {
    if (!this.#chatPaths.includes(this.#path)) await this.#moveToChat(page);
    const gone = this.#path;
    this.#chatPaths.splice(this.#chatPaths.indexOf(gone), 1);
    await this.#makeChat();
    await this.#call('DELETE', `/api${gone}`);
    await page.getByRole('button', { name: 'Move it to a new chat' }).click();
    this.#path = `${this.#projectPath}/new`;
    await page.waitForURL(`**${this.#path}`);
    // Drafts of new chats are just as good from here on; a later round opens one of the chats again.
    if (this.#random.below(2) === 0) await this.#moveToChat(page);
  }

  async #moveToChat(page: Page): Promise<void> {
    const text = await this.#current.composer.inputValue();
    await this.#current.composer.fill('');
    this.#path = this.#random.pick(this.#chatPaths);
    await this.#goTo(page, this.#path);
    await this.#current.composer.fill(text);
  }

  async #openPage(): Promise<void> {
    const page = await this.#context.newPage();
    this.#chat = new ChatPage(page);
    await page.goto(this.#rill.url + this.#path);
    const field = page.getByLabel('Access token');
    await field.or(this.#chat.composer).waitFor();
    if (await field.isVisible()) await this.#signIn(page);
  }

  async #signIn(page: Page): Promise<void> {
    await page.getByLabel('Access token').fill(fuzzToken);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await this.#current.composer.waitFor();
  }

  async #makeChat(): Promise<void> {
    const chat = (await this.#call('POST', `/api${this.#projectPath}/chats`, { title: 'Fuzz' })) as {
      id: string;
    };
    this.#chatPaths.push(`${this.#projectPath}/chats/${chat.id}`);
  }

  async #draftAtServer(): Promise<string> {
    const { content, otherContent } = (await this.#call(
      'GET',
      `/api${this.#path.replace(/\/new$/, '')}/draft`,
    )) as {
      content: string;
      otherContent: string;
    };
    return `${content}\n${otherContent}`;
  }

  async #call(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(this.#rill.url + path, {
      method,
      headers: {
        authorization: `Bearer ${fuzzToken}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    return response.status === 204 ? null : await response.json();
  }
}

/** Kills the page's process, as a system does that runs out of memory. */
async function killTab(page: Page): Promise<void> {
  const crashed = new Promise<void>((resolve) => page.once('crash', () => resolve()));
  const devTools = await page.context().newCDPSession(page);
  void devTools.send('Page.crash').catch(() => undefined);
  await crashed;
  await page.close();
}
