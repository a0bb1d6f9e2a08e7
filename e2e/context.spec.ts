/**
 * Tests the panel that shows the next request, changes to it by pins and exclusions, and the request that is then sent.
 */
import type { Page } from '@playwright/test';
import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';
import type { Rill } from './support/startRill.ts';
import { violationsOf } from './support/violations.ts';

const model = 'demo/quick';
const sentContents = ({ simulator }: Rill) => {
  const body = simulator.requests.findLast((request) => request.model)?.body;
  return (body as unknown as { messages: { content: string }[] } | undefined)?.messages.map(
    ({ content }) => content,
  );
};
const barOf = (page: Page) => page.getByRole('button', { name: /^What the model gets:/ });
const panelOf = (page: Page) => page.getByRole('dialog', { name: 'What the model gets' });
const rowOf = (page: Page, words: string) => panelOf(page).getByRole('listitem').filter({ hasText: words });

/** Makes a chat of two turns. */
async function talk(page: Page, rill: Rill): Promise<ChatPage> {
  rill.simulator.nextScript(model, [{ delta: 'First answer' }], [{ delta: 'Second answer' }]);
  const chat = new ChatPage(page);
  await chat.open();
  // On a touch screen Enter begins a new line.
  const send = async (content: string) => {
    await chat.composer.fill(content);
    await chat.sendButton.click();
  };
  await send('First question');
  await expect(chat.lastAnswer).toContainText('First answer');
  await chat.settled();
  await send('Second question');
  await expect(chat.lastAnswer).toContainText('Second answer');
  await chat.settled();
  return chat;
}

/** Presses Tab until a control has the focus. */
async function tabTo(page: Page, name: RegExp | string): Promise<void> {
  const control = page.getByRole('button', { name, exact: true });
  for (let step = 0; step < 20; step += 1) {
    await page.keyboard.press('Tab');
    if (await control.evaluateAll((found) => found.includes(document.activeElement as HTMLElement))) return;
  }
  await expect(control).toBeFocused();
}

test('with the keyboard alone a message is kept out and another pinned, and the model gets what the panel shows', async ({
  page,
  context,
  rill,
}) => {
  const chat = await talk(page, rill);
  const otherTab = new ChatPage(await context.newPage());
  await otherTab.open(new URL(page.url()).pathname);
  await page.bringToFront();
  await expect(barOf(page)).toContainText(/% of context · next turn ≈?<?\$/);
  await chat.composer.focus();
  await tabTo(page, /^What the model gets:/);
  await page.keyboard.press('Enter');
  await expect(panelOf(page)).toContainText('for the history.');
  await expect(rowOf(page, 'First question')).toContainText('You · In · ');
  await tabTo(page, 'Pin: Second answer');
  await page.keyboard.press('Space');
  await expect(rowOf(page, 'Second answer')).toContainText('In: pinned');
  await expect(rowOf(page, 'Second question')).toContainText('In: its answer is pinned');
  await tabTo(page, 'Keep out: First question');
  await page.keyboard.press('Space');
  await expect(rowOf(page, 'First question')).toContainText('Out: you keep it out');
  await expect(rowOf(page, 'First answer')).toContainText('Out: its question is not sent');
  await expect(page.getByRole('button', { name: 'Keep out: First question' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(panelOf(page)).toBeHidden();
  await expect(barOf(page)).toBeFocused();
  await expect(barOf(page)).toContainText('1 left out');
  for (const tab of [page, otherTab.page]) {
    await expect(tab.getByText('Not sent to the model', { exact: true })).toHaveCount(1);
    await expect(tab.getByText('Always sent to the model', { exact: true })).toHaveCount(1);
  }
  rill.simulator.nextScript(model, [{ delta: 'Third answer' }]);
  await chat.send('Third question');
  await expect(chat.lastAnswer).toContainText('Third answer');
  expect(sentContents(rill)).toEqual(['Second question', 'Second answer', 'Third question']);
  expect([...chat.complaints, ...otherTab.complaints]).toEqual([]);
});

test('the messages that the panel includes are sent, and those that it excludes are not', async ({
  page,
  rill,
}) => {
  const chat = new ChatPage(page);
  await chat.open();
  for (const word of ['alpha ', 'bravo ', 'gamma ']) {
    rill.simulator.nextScript(model, [{ delta: `Yes to ${word}` }]);
    await chat.send(word.repeat(9_000));
    await expect(chat.lastAnswer).toContainText(`Yes to ${word.trim()}`);
    await chat.settled();
  }
  await chat.composer.fill('delta');
  await expect(barOf(page)).toContainText('2 left out');
  await barOf(page).click();
  await expect(rowOf(page, 'alpha alpha')).toContainText('Out: too old for the room there is');
  await expect(rowOf(page, 'bravo bravo')).toContainText('You · In · ');
  await page.keyboard.press('Escape');
  await chat.composer.press('Enter');
  await expect(chat.answers).toHaveCount(4);
  await chat.settled();
  expect(sentContents(rill)?.map((content) => content.slice(0, 5))).toEqual([
    'bravo',
    'Yes t',
    'gamma',
    'Yes t',
    'delta',
  ]);
  expect(chat.complaints).toEqual([]);
});

test('a chat is shortened with the keyboard: the cost is shown first, the summary can be edited, and it can be undone', async ({
  page,
  rill,
}) => {
  const chat = await talk(page, rill);
  await chat.composer.focus();
  await tabTo(page, /^What the model gets:/);
  await page.keyboard.press('Enter');
  await expect(panelOf(page)).toContainText(/a message that you can edit\. That costs (about|less than) \$/);
  rill.simulator.nextScript(model, [{ delta: 'All in short' }]);
  await tabTo(page, 'Shorten');
  await page.keyboard.press('Enter');
  await expect(chat.lastAnswer).toContainText('All in short');
  await chat.settled();
  expect(sentContents(rill)?.slice(0, 4)).toEqual([
    'First question',
    'First answer',
    'Second question',
    'Second answer',
  ]);
  await expect(page.getByText('First question').last()).toBeVisible();
  await chat.lastAnswer.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('textbox', { name: 'Edit answer' }).fill('All in short, edited');
  await page.keyboard.press('Control+Enter');
  await expect(chat.lastAnswer).toContainText('Edited by you');
  rill.simulator.nextScript(model, [{ delta: 'Third answer' }]);
  await chat.send('Third question');
  await expect(chat.lastAnswer).toContainText('Third answer');
  await chat.settled();
  expect(sentContents(rill)?.slice(1)).toEqual(['All in short, edited', 'Third question']);
  await barOf(page).click();
  await expect(rowOf(page, 'First question')).toContainText('Out: in the summary');
  expect(await violationsOf(page)).toEqual([]);
  await panelOf(page).getByRole('button', { name: /^Undo/ }).press('Enter');
  await expect(rowOf(page, 'First question')).toContainText('You · In · ');
  await page.keyboard.press('Escape');
  rill.simulator.nextScript(model, [{ delta: 'Fourth answer' }]);
  await chat.send('Fourth question');
  await expect(chat.lastAnswer).toContainText('Fourth answer');
  expect(sentContents(rill)?.[0]).toBe('First question');
  expect(chat.complaints).toEqual([]);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`on a phone in the ${colorScheme} theme`, () => {
    test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, colorScheme });

    test('a message is marked from its menu and in the panel, nothing is cut off, and axe finds nothing wrong', async ({
      page,
      rill,
    }) => {
      const chat = await talk(page, rill);
      await page.getByRole('button', { name: 'More actions for this message' }).first().tap();
      await page.getByRole('menuitem', { name: 'Pin into the context' }).tap();
      await expect(page.getByText('Always sent to the model', { exact: true })).toBeVisible();
      await barOf(page).tap();
      await expect(rowOf(page, 'First question')).toContainText('In: pinned');
      await page.getByRole('button', { name: 'Keep out: Second answer' }).tap();
      await expect(rowOf(page, 'Second answer')).toContainText('Out: you keep it out');
      const isCut = await panelOf(page).evaluate((panel) => panel.scrollWidth > panel.clientWidth);
      expect(isCut).toBe(false);
      expect(await violationsOf(page)).toEqual([]);
      await panelOf(page).getByRole('button', { name: 'Close' }).tap();
      expect(await violationsOf(page)).toEqual([]);
      await page.getByRole('button', { name: 'More actions for this message' }).first().tap();
      await page.getByRole('menuitem', { name: 'Unpin from the context' }).tap();
      await expect(page.getByText('Always sent to the model', { exact: true })).toHaveCount(0);
      expect(chat.complaints).toEqual([]);
    });
  });
}
