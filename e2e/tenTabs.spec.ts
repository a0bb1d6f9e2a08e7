/**
 * Tests ten tabs of one browser over HTTP/1.1, which allows six connections to a host: all are live, and none blocks
 * another.
 */
import type { BrowserContext } from '@playwright/test';
import { ChatPage } from './support/chatPage.ts';
import { type CountingProxy, startCountingProxy } from './support/countingProxy.ts';
import { test as base, expect } from './support/rillTest.ts';

const model = 'demo/quick';
const tabCount = 10;
/** Most connections of a browser to one host over HTTP/1.1. */
const browserLimit = 6;

const test = base.extend<{ lines: CountingProxy }>({
  lines: async ({ rill }, use) => {
    const lines = await startCountingProxy(rill.url);
    await use(lines);
    await lines.close();
  },
});
test.setTimeout(300_000);

async function openTabs(context: BrowserContext, lines: CountingProxy, path: string): Promise<ChatPage[]> {
  const tabs: ChatPage[] = [];
  while (tabs.length < tabCount) {
    const tab = new ChatPage(await context.newPage());
    await tab.open(lines.url + path);
    tabs.push(tab);
  }
  return tabs;
}

function at<Entry>(entries: readonly Entry[], index: number): Entry {
  const entry = entries[index];
  if (entry === undefined) throw new Error(`There is no entry ${index}.`);
  return entry;
}

test('ten tabs on one chat show what any of them does, over one feed', async ({ context, rill, lines }) => {
  rill.simulator.nextScript(model, [{ delta: 'First answer.' }]);
  const first = new ChatPage(await context.newPage());
  await first.open(lines.url);
  await first.send('One');
  await expect(first.lastAnswer).toContainText('First answer.');
  await first.settled();
  const path = new URL(first.page.url()).pathname;
  await first.page.close();
  const tabs = await openTabs(context, lines, path);
  for (const tab of tabs) await expect(tab.lastAnswer).toContainText('First answer.');
  await expect.poll(() => lines.feedCount).toBe(1);

  lines.reset();
  rill.simulator.nextScript(model, [{ delta: 'Second, live' }, { hold: 'stopped' }, { delta: ' never' }]);
  await at(tabs, 3).send('Two');
  for (const tab of tabs) await expect(tab.lastAnswer).toContainText('Second, live');
  await expect(at(tabs, 5).lastAnswer).toContainText('Started in another tab');
  await expect(at(tabs, 3).lastAnswer).not.toContainText('Started in another tab');
  await at(tabs, 7).stopButton.click();
  for (const tab of tabs) await expect(tab.lastAnswer).toContainText('Stopped after 12 characters');
  for (const tab of tabs)
    await expect(tab.page.getByRole('log').getByText('Two', { exact: true })).toHaveCount(1);

  await fetch(`${rill.url}/api${path}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ title: 'A new name' }),
  });
  for (const tab of tabs)
    await expect(tab.page.getByRole('navigation').getByText('A new name')).toBeVisible();
  expect(lines.mostConnections).toBeLessThanOrEqual(browserLimit);
  expect(lines.feedCount).toBe(1);
});

test('the other tabs continue when the one that follows the feed is closed', async ({
  context,
  rill,
  lines,
}) => {
  rill.simulator.nextScript(model, [{ delta: 'First answer.' }]);
  const first = new ChatPage(await context.newPage());
  await first.open(lines.url);
  await first.send('One');
  await first.settled();
  const path = new URL(first.page.url()).pathname;
  const [second, third] = [new ChatPage(await context.newPage()), new ChatPage(await context.newPage())];
  for (const tab of [second, third]) await tab.open(lines.url + path);
  rill.simulator.nextScript(model, [{ delta: 'Half' }, { hold: 'closed' }, { delta: ' and whole.' }]);
  await first.send('Two');
  for (const tab of [second, third]) await expect(tab.lastAnswer).toContainText('Half');
  await first.page.close();
  rill.simulator.release('closed');
  for (const tab of [second, third]) {
    await expect(tab.lastAnswer).toContainText('Half and whole.');
    await tab.settled();
  }
  await expect.poll(() => lines.feedCount).toBe(1);
  rill.simulator.nextScript(model, [{ delta: 'Third answer.' }]);
  await second.send('Three');
  await expect(third.lastAnswer).toContainText('Third answer.');
});

test('ten simultaneous answers in ten chats all arrive, and each can be stopped', async ({
  context,
  rill,
  lines,
}) => {
  rill.simulator.script(model, [{ delta: 'Begun ' }, { hold: 'rest' }, { delta: 'and done.' }]);
  const tabs = await openTabs(context, lines, '/');
  lines.reset();
  for (const [index, tab] of tabs.entries()) {
    await tab.page.getByRole('button', { name: 'New chat', exact: true }).first().click();
    await tab.send(`Question ${index}`);
    await expect(tab.page.getByRole('log').getByText(`Question ${index}`, { exact: true })).toBeVisible();
  }
  // Where no stream is free the page says so, and Stop works anyway.
  await at(tabs, 9).stopButton.click();
  await expect(at(tabs, 9).lastAnswer).toContainText('Stopped');
  rill.simulator.release('rest');
  for (const tab of tabs.slice(0, 9)) await expect(tab.lastAnswer).toContainText('Begun and done.');
  for (const tab of tabs) await tab.settled();
  expect(lines.mostConnections).toBeLessThanOrEqual(browserLimit);
});

test('an answer that a program requested appears by itself', async ({ context, rill, lines }) => {
  rill.simulator.nextScript(model, [{ delta: 'First answer.' }]);
  const tab = new ChatPage(await context.newPage());
  await tab.open(lines.url);
  await tab.send('One');
  await tab.settled();
  const [, projectId, chatId] = /projects\/([^/]+)\/chats\/([^/]+)/.exec(tab.page.url()) ?? [];
  rill.simulator.nextScript(model, [
    { delta: 'For a program' },
    { hold: 'end' },
    { delta: ', and for you.' },
  ]);
  const response = await fetch(`${rill.url}/api/projects/${projectId}/chats/${chatId}/messages/stream`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ content: 'From a program' }),
  });
  await response.body?.cancel();
  await expect(tab.page.getByText('From a program', { exact: true })).toBeVisible();
  await expect(tab.lastAnswer).toContainText('For a program');
  rill.simulator.release('end');
  await expect(tab.lastAnswer).toContainText('For a program, and for you.');
  await tab.settled();
});
