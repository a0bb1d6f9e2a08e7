/** Lists what a user can do, and what has the focus after it. */
import { expect } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { composer, type openApp, send } from './appTestBench.ts';
import { chunk, type FedStream, runStart } from './lib/chat/chatTestBench.ts';

export type App = Awaited<ReturnType<typeof openApp>>;

/** What a user does, what has the focus then, and where the page begins. */
export interface Row {
  readonly name: string;
  readonly path?: string;
  readonly act: (app: App) => Promise<unknown>;
  readonly focus: string;
}

export const button = (name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' });
export const row = (name: string) => page.getByRole('link', { name });
export const item = (name: string) => page.getByRole('menuitem', { name });
export const keys = (text: string) => userEvent.keyboard(text);
export const newChat = '/projects/p1/new';
export const message = 'Message';

/** The accessible name of what has the focus; `body` where nothing has. */
export function focused(): string {
  const element = document.activeElement;
  if (!element || element === document.body) return 'body';
  const { labels } = element as HTMLInputElement;
  const name = element.getAttribute('aria-label') ?? labels?.[0]?.textContent ?? element.textContent ?? '';
  return name.replaceAll(/\s+/g, ' ').trim().slice(0, 40);
}

export async function openMenu(name: string) {
  await button(name).click();
  await expect.element(page.getByRole('menu')).toBeVisible();
}

export async function openPicker() {
  await button(/^Model: /).click();
  await expect.element(page.getByRole('combobox', { name: 'Search models' })).toHaveFocus();
}

export async function running({ client }: App): Promise<FedStream> {
  const stream = await send(client, 'Why?');
  stream.feed(runStart('Why?', { parentId: 'a0' }));
  stream.feed(chunk('Because '));
  await expect.element(page.getByRole('log').getByText('Because')).toBeVisible();
  return stream;
}

export async function queued(app: App) {
  await running(app);
  await composer().fill('And?');
  await button('Send after this answer').click();
  await expect.element(page.getByRole('region', { name: 'Queued messages' })).toBeVisible();
}
