import type { Page } from '@playwright/test';
import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';
import type { Rill } from './support/startRill.ts';

const model = 'demo/quick';
/** The last request that the provider received. */
const lastRequest = ({ simulator }: Rill) => simulator.requests.findLast((request) => request.model)?.body;
const own = (page: Page) =>
  page.getByRole('article').filter({ has: page.getByRole('heading', { name: 'You' }) });

test('a message is edited and sent again with the keyboard, and every version is one key away', async ({
  page,
  rill,
}) => {
  rill.simulator.nextScript(model, [{ delta: 'First answer' }], [{ delta: 'Second answer' }]);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('One question');
  await expect(chat.lastAnswer).toContainText('First answer');
  await chat.settled();
  await chat.composer.press('ArrowUp');
  const box = page.getByRole('textbox', { name: 'Edit message' });
  await expect(box).toBeFocused();
  await box.fill('Another question');
  await page.reload();
  await expect(box).toHaveValue('Another question');
  await box.press('Control+Enter');
  await expect(chat.lastAnswer).toContainText('Second answer');
  await chat.settled();
  await expect(own(page)).toContainText('Another question');
  await expect(own(page)).toContainText('2 / 2');
  expect(lastRequest(rill)).toMatchObject({
    messages: [{ role: 'user', content: 'Another question' }],
  });
  await page.keyboard.press('Alt+ArrowLeft');
  await expect(own(page)).toContainText('One question');
  await expect(chat.lastAnswer).toContainText('First answer');
  await page.keyboard.press('Alt+ArrowRight');
  await expect(chat.lastAnswer).toContainText('Second answer');
  rill.simulator.nextScript(model, [{ delta: 'Third answer' }]);
  await page.keyboard.press('Alt+r');
  await expect(chat.lastAnswer).toContainText('Third answer');
  await expect(chat.lastAnswer).toContainText('2 / 2');
  expect(chat.complaints).toEqual([]);
});

test('an edited answer is shown as edited, keeps its receipt, and appears in another tab at once', async ({
  page,
  context,
  rill,
}) => {
  rill.simulator.nextScript(model, [{ delta: 'The capital is **Sidney**.' }]);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Australia?');
  await expect(chat.lastAnswer).toContainText('Sidney');
  await chat.settled();
  const receipt = await chat.lastAnswer.getByRole('button', { name: /^About this answer/ }).textContent();
  const otherTab = new ChatPage(await context.newPage());
  await otherTab.open(new URL(page.url()).pathname);
  await expect(otherTab.lastAnswer).toContainText('Sidney');
  await chat.lastAnswer.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('textbox', { name: 'Edit answer' }).fill('The capital is **Canberra**.');
  await page.keyboard.press('Control+Enter');
  for (const { lastAnswer } of [chat, otherTab]) {
    await expect(lastAnswer.locator('strong')).toHaveText('Canberra');
    await expect(lastAnswer).toContainText('Edited by you');
  }
  expect(await chat.lastAnswer.getByRole('button', { name: /^About this answer/ }).textContent()).toBe(
    receipt,
  );
  rill.simulator.nextScript(model, [{ delta: 'Wellington' }]);
  await chat.send('And New Zealand?');
  await expect(chat.lastAnswer).toContainText('Wellington');
  await chat.settled();
  expect(lastRequest(rill)).toMatchObject({
    messages: [
      { content: 'Australia?' },
      { content: 'The capital is **Canberra**.' },
      { content: 'And New Zealand?' },
    ],
  });
  await chat.answers.first().getByRole('button', { name: 'Previous version' }).click();
  await expect(chat.answers).toHaveCount(1);
  await expect(chat.lastAnswer).toContainText('Sidney');
  expect([...chat.complaints, ...otherTab.complaints]).toEqual([]);
});

test('a branch is forked into a chat that links back, and a deletion is undone with a key and later', async ({
  page,
  rill,
}) => {
  rill.simulator.nextScript(model, [{ delta: 'Answer one' }], [{ delta: 'Answer two' }]);
  const chat = new ChatPage(page);
  await chat.open();
  for (const [question, answer] of [
    ['One', 'Answer one'],
    ['Two', 'Answer two'],
  ] as const) {
    await chat.send(question);
    await expect(chat.lastAnswer).toContainText(answer);
    await chat.settled();
  }
  const menuOf = async (index: number, item: string) => {
    await own(page).nth(index).getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  await menuOf(1, 'Delete, with all below it');
  await expect(page.getByText('Message deleted, with the 1 message below it.').first()).toBeVisible();
  await expect(chat.lastAnswer).toContainText('Answer one');
  await page.keyboard.press('Control+z');
  await expect(chat.lastAnswer).toContainText('Answer two');
  await menuOf(1, 'Delete, with all below it');
  await expect(chat.lastAnswer).toContainText('Answer one');
  await page.reload();
  await page.getByRole('button', { name: 'Chat actions' }).click();
  await page.getByRole('menuitem', { name: 'Deleted messages' }).click();
  await page.getByRole('button', { name: 'Restore: Two' }).click();
  await page.getByRole('button', { name: 'Close' }).last().click();
  await expect(chat.lastAnswer).toContainText('Answer two');

  await menuOf(0, 'Fork from here');
  const back = page.getByRole('link', { name: 'Forked from “One”' });
  await expect(back).toBeVisible();
  await expect(page.getByText('This message has no answer.')).toBeVisible();
  rill.simulator.nextScript(model, [{ delta: 'Another answer' }]);
  await page.getByRole('button', { name: 'Answer it' }).click();
  await expect(chat.lastAnswer).toContainText('Another answer');
  await chat.settled();
  await back.click();
  await expect(chat.lastAnswer).toContainText('Answer two');
  expect(chat.complaints).toEqual([]);
});

test('Escape cancels an edit before it stops an answer', async ({ page, rill }) => {
  rill.simulator.nextScript(model, [{ delta: 'Done' }], [{ delta: 'Running' }, { hold: 'for ever' }]);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('One');
  await expect(chat.lastAnswer).toContainText('Done');
  await chat.settled();
  await chat.send('Two');
  await expect(chat.lastAnswer).toContainText('Running');
  await chat.composer.press('ArrowUp');
  await expect(page.getByRole('textbox', { name: 'Edit message' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('textbox', { name: 'Edit message' })).toHaveCount(0);
  await expect(chat.stopButton).toBeVisible();
  await page.keyboard.press('Escape');
  await chat.settled();
  await expect(chat.lastAnswer).toContainText('Stopped after');
});
