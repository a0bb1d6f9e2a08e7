import type { Locator, Page, Route } from '@playwright/test';
import type { Chat, ChatDetail, Project, SendResult } from '@rill/protocol';
import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';
import type { Rill } from './support/startRill.ts';
import { violationsOf } from './support/violations.ts';

const filler = 'Nothing of interest is said in this paragraph, which only takes room on the page. ';
const palette = (page: Page) => page.getByRole('dialog', { name: 'Search and commands' });
const outline = (page: Page) => page.getByRole('dialog', { name: 'Questions in this chat' });
const question = (page: Page, text: string) => page.getByRole('article').filter({ hasText: text }).first();
const composer = (page: Page) => new ChatPage(page).composer;

/** The texts that the browser marks. */
const markedTexts = (page: Page) =>
  page.evaluate(() => [...(CSS.highlights.get('found') ?? [])].map((range) => (range as Range).toString()));

/** Makes a chat with these questions, each of which is answered with itself. */
async function makeChat(rill: Rill, questions: readonly string[]): Promise<{ chat: Chat; path: string }> {
  const call = async <Result>(path: string, body?: object): Promise<Result> => {
    const init = body && {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    };
    return (await (await fetch(`${rill.url}${path}`, init)).json()) as Result;
  };
  const { projects } = await call<{ projects: Project[] }>('/api/projects');
  const chats = `/api/projects/${projects[0]?.id}/chats`;
  const chat = await call<Chat>(chats, { model: 'demo/echo' });
  for (const content of questions) {
    rill.simulator.nextScript('demo/echo', [{ delta: content }]);
    await call<SendResult>(`${chats}/${chat.id}/messages`, { content });
  }
  const { messages } = await call<ChatDetail>(`${chats}/${chat.id}`);
  expect(messages).toHaveLength(2 * questions.length);
  return { chat, path: `/projects/${chat.projectId}/chats/${chat.id}` };
}

async function expectInView(message: Locator): Promise<void> {
  await expect(message).toBeInViewport({ ratio: 0.01 });
}

const numbered = (count: number, word: string) =>
  Array.from({ length: count }, (_, index) => `${word} ${index + 1}. ${filler.repeat(4)}`);

test('Ctrl+K finds a message of another chat, opens the chat there and marks the words of the search', async ({
  page,
  rill,
}) => {
  const { chat } = await makeChat(rill, [
    `About tides. ${filler}`,
    `The Zebrafish is named here. ${filler.repeat(8)}`,
    ...numbered(4, 'Later question'),
  ]);
  await page.goto('/');
  await expect(page).toHaveURL(new RegExp(chat.id));
  await page.getByRole('button', { name: 'New chat', exact: true }).click();
  await expect(page).toHaveURL(/\/new$/);
  await expect(composer(page)).toBeFocused();
  await page.keyboard.press('Control+k');
  await expect(palette(page)).toBeVisible();
  await page.keyboard.type('zebraf');
  const hits = palette(page).getByRole('group', { name: 'Messages' }).getByRole('option');
  await expect(hits).toHaveCount(2);
  await expect(hits.first().getByText('Zebraf', { exact: true })).toBeVisible();
  await expect(hits.first()).toContainText(/Answer · .* · About tides/);
  expect(await violationsOf(page)).toEqual([]);
  await hits.last().click();
  await expect(page).toHaveURL(new RegExp(chat.id));
  await expectInView(question(page, 'The Zebrafish is named here'));
  await expect.poll(() => markedTexts(page)).toEqual(['Zebraf']);
  await page.goBack();
  await expect(page).not.toHaveURL(new RegExp(chat.id));
  await expect.poll(() => markedTexts(page)).toEqual([]);
});

test('a hit in the folded part of a long question unfolds it', async ({ page, rill }) => {
  const long = Array.from({ length: 30 }, (_, index) => `- detail ${index + 1}`).join('\n');
  await makeChat(rill, [`${long}\n\nThe quokka comes last.`]);
  await page.goto('/');
  await page.keyboard.press('Control+k');
  await palette(page).getByRole('combobox').fill('quokka');
  await palette(page).getByRole('group', { name: 'Messages' }).getByRole('option').last().click();
  await expect(question(page, 'detail 1').getByText('The quokka comes last.')).toBeInViewport();
  await expect(page.getByRole('button', { name: 'Show less' })).toBeVisible();
  await expect.poll(() => markedTexts(page)).toEqual(['quokka']);
});

test('a hit on a branch that is not shown is opened on its branch', async ({ page, rill }) => {
  const { path } = await makeChat(rill, ['First question', 'A hidden axolotl question']);
  const { messages } = (await (await fetch(`${rill.url}/api${path}`)).json()) as ChatDetail;
  await fetch(`${rill.url}/api${path}/messages`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ content: 'Another second question', parentId: messages[1]?.id }),
  });
  await page.goto(path);
  await expect(question(page, 'Another second question')).toBeVisible();
  await page.keyboard.press('Control+k');
  await palette(page).getByRole('combobox').fill('axolotl');
  await palette(page).getByRole('group', { name: 'Messages' }).getByRole('option').last().click();
  await expectInView(question(page, 'A hidden axolotl question'));
  await expect.poll(() => markedTexts(page)).toEqual(['axolotl']);
});

test('the palette works with the keyboard alone, and Escape returns the focus', async ({ page, rill }) => {
  await makeChat(rill, ['Only question']);
  await page.goto('/');
  await expect(composer(page)).toBeFocused();
  await page.keyboard.press('Control+k');
  const box = palette(page).getByRole('combobox');
  await expect(box).toBeFocused();
  await expect(palette(page).getByRole('group', { name: 'Recent chats' }).getByRole('option')).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(palette(page)).toHaveCount(0);
  await expect(composer(page)).toBeFocused();
  // The caret also has the position of the focus.
  for (const letters of ['a', 'ab', 'abc', 'abcd', 'abcde', 'abcdef', 'abcdefg', 'abcdefgh']) {
    await page.keyboard.press('Control+k');
    await expect(box).toBeFocused();
    await page.keyboard.press('Escape');
    // Removed from the page, not only closed.
    await expect(page.locator('dialog')).toHaveCount(0);
    await page.keyboard.type(letters.slice(-1));
    await expect(composer(page)).toHaveValue(letters);
  }
  await page.keyboard.press('Control+k');
  await expect(box).toBeFocused();
  await page.keyboard.type('theme');
  await expect(palette(page).getByRole('option')).toHaveCount(2);
  await page.keyboard.press('ArrowDown');
  await expect(palette(page).getByRole('option', { selected: true })).toHaveText('Dark theme');
  await page.keyboard.press('Enter');
  await expect(palette(page)).toHaveCount(0);
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(composer(page)).toBeFocused();
});

test('the palette receives keys that are pressed before it is loaded, and right after it was closed', async ({
  page,
}) => {
  const asked = Promise.withResolvers<Route>();
  await page.route(/Palette[^/]*\.js/, asked.resolve);
  await page.goto('/');
  await expect(composer(page)).toBeFocused();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('dark theme');
  await (await asked.promise).continue();
  const box = palette(page).getByRole('combobox');
  await expect(box).toHaveValue('dark theme');
  await expect(composer(page)).toHaveValue('');
  // Only a few milliseconds are between these keys.
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('font');
  await expect(box).toHaveValue('font');
  await page.keyboard.press('Escape');
  await expect(palette(page)).toHaveCount(0);
  await expect(composer(page)).toHaveValue('');
  await expect(composer(page)).toBeFocused();
});

test('a command runs although all of its keys are pressed before the palette is loaded', async ({ page }) => {
  const asked = Promise.withResolvers<Route>();
  await page.route(/Palette[^/]*\.js/, asked.resolve);
  await page.goto('/');
  await expect(composer(page)).toBeFocused();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('dark theme');
  await page.keyboard.press('Enter');
  await (await asked.promise).continue();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(palette(page)).toHaveCount(0);
  await expect(composer(page)).toHaveValue('');
});

test('Ctrl+J jumps to a question while the last answer streams, and Back returns to its end', async ({
  page,
  rill,
}) => {
  const { path } = await makeChat(rill, numbered(7, 'Question'));
  rill.simulator.nextScript('demo/echo', [{ delta: 'It begins.' }, { hold: 'more' }, { delta: ' It ends.' }]);
  const chat = new ChatPage(page);
  await page.goto(path);
  await chat.send('The **last** `one`');
  await expect(chat.lastAnswer).toContainText('It begins.');
  await page.keyboard.press('Control+j');
  const options = outline(page).getByRole('option');
  await expect(options).toHaveCount(8);
  await expect(outline(page).getByRole('option', { selected: true })).toHaveText(/^The last one/);
  expect(await violationsOf(page)).toEqual([]);
  await page.keyboard.type('"question 1."');
  await expect(options).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expectInView(question(page, 'Question 1.'));
  await expect(page.getByRole('article').first()).toBeFocused();
  rill.simulator.release('more');
  await chat.settled();
  await expectInView(question(page, 'Question 1.'));
  await page.goBack();
  await expect(chat.lastAnswer.getByText('It ends.')).toBeInViewport();
  await expect(page).toHaveURL(new RegExp(path));
});

test('a jump affects only its chat: the next one is shown at its own end', async ({ page, rill }) => {
  const { path } = await makeChat(rill, numbered(8, 'Question'));
  await makeChat(rill, numbered(8, 'Other'));
  await page.goto(path);
  await expect(page.getByRole('article').last()).toBeInViewport();
  await page.keyboard.press('Control+j');
  await expect(outline(page).getByRole('combobox')).toBeFocused();
  await page.keyboard.type('"question 1."');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: /^Other 1/ }).click();
  await expect(page.getByRole('article').last()).toBeInViewport();
  await expect.poll(() => markedTexts(page)).toEqual([]);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  test('the search is opened from the sidebar, and a hit closes both', async ({ page, rill }) => {
    await makeChat(rill, ['A narwhal question', ...numbered(4, 'Later')]);
    await page.goto('/');
    await page.getByRole('button', { name: 'Open sidebar' }).tap();
    await page.getByRole('button', { name: 'Search', exact: true }).tap();
    await palette(page).getByRole('combobox').fill('narwhal');
    await palette(page).getByRole('group', { name: 'Messages' }).getByRole('option').last().tap();
    await expectInView(question(page, 'A narwhal question'));
    await expect(page.getByRole('dialog')).toHaveCount(0);
  });
});
