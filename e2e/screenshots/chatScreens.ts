/** Shows a chat in all its states: empty, waiting, writing, stopped, failed, done, long. */
import { expect } from '@playwright/test';
import { close, model, run, type Screens, send } from './screenStage.ts';
import { answer, longQuestion } from './screenTexts.ts';

export const chatScreens: Screens = {
  'empty-chat': async ({ chat }) => chat.open(),
  'chat-waiting': async (stage) => {
    const { page, rill } = stage;
    rill.simulator.nextScript(model, [
      { hold: 'start' },
      { delta: 'Because of the **scattering** of its light.' },
    ]);
    await send(stage, 'Why is the sky blue?');
    await page
      .getByText(/Waiting for the model/)
      .first()
      .waitFor();
  },
  'chat-short': async ({ chat, rill }) => {
    rill.simulator.release('start');
    await chat.lastAnswer.getByText('scattering').waitFor();
    await chat.settled();
  },
  'chat-thinking': async (stage) => {
    const { chat, rill } = stage;
    rill.simulator.nextScript(model, [
      { reasoning: 'The question is about retries. What can succeed later, and what cannot? ' },
      { hold: 'thought' },
      { reasoning: 'Then the waiting times.' },
      { delta: answer.slice(0, 560) },
      { hold: 'more' },
      { delta: answer.slice(560) },
    ]);
    await send(stage, longQuestion);
    await chat.lastAnswer
      .getByText(/Thinking/)
      .first()
      .waitFor();
  },
  'chat-streaming': async ({ chat, rill }) => {
    rill.simulator.release('thought');
    await chat.lastAnswer.getByText('come back all at once').waitFor();
  },
  'chat-draft-while-streaming': async ({ chat }) => {
    await chat.composer.fill(
      'And what if the server says nothing for a long time, longer than anyone would wait?',
    );
  },
  queue: async ({ page, chat }) => {
    await page.getByRole('button', { name: 'Send after this answer' }).click();
    await chat.composer.fill('And then?');
    await page.getByRole('button', { name: 'Send after this answer' }).click();
    await page.getByRole('region', { name: 'Queued messages' }).getByRole('listitem').nth(1).waitFor();
  },
  'chat-stopped': async ({ page, chat }) => {
    await chat.stopButton.click();
    await page.getByText(/Paused/).waitFor();
  },
  'chat-done': async ({ page, chat, rill }) => {
    const remove = page.getByRole('button', { name: /^Remove/ });
    for (let count = await remove.count(); count > 0; count -= 1) {
      await remove.first().click();
      await expect(remove).toHaveCount(count - 1);
    }
    rill.simulator.nextScript(model, [{ delta: answer }]);
    await chat.lastAnswer
      .getByRole('button', { name: /^Retry/ })
      .last()
      .click();
    await chat.lastAnswer.getByText('another thing').waitFor();
    await chat.settled();
    await chat.lastAnswer.getByText('another thing').scrollIntoViewIfNeeded();
  },
  'receipt-popover': async ({ page, chat }) => {
    const receipt = await chat.openReceipt();
    await receipt
      .getByText(/instructions/i)
      .first()
      .waitFor();
    await page.evaluate(() => document.fonts.ready);
  },
  'message-menu': async (stage) => {
    await close(stage);
    await stage.chat.lastAnswer.getByRole('button', { name: 'More actions' }).click();
    await stage.page.getByRole('menu').waitFor();
  },
  'context-panel': async (stage) => {
    const { page } = stage;
    await close(stage);
    await page.getByRole('button', { name: /^What the model gets:/ }).click();
    await page
      .getByRole('button', { name: /^Pin: / })
      .first()
      .waitFor();
  },
  outline: async (stage) => {
    await close(stage);
    await run(stage, 'Questions in this chat');
    await stage.page.getByRole('dialog', { name: 'Questions in this chat' }).waitFor();
  },
  'chat-middle': async (stage) => {
    await close(stage);
    await stage.chat.lastAnswer.getByText('When to retry').scrollIntoViewIfNeeded();
  },
  'edit-message': async ({ page, chat }) => {
    await chat.composer.focus();
    await page.keyboard.press('ArrowUp');
    await page.getByRole('textbox', { name: 'Edit message' }).waitFor();
  },
  'model-picker': async ({ page }) => {
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Model:/ }).click();
    await page.getByRole('listbox').waitFor();
  },
  'chat-failed': async (stage) => {
    const { chat, rill } = stage;
    await close(stage);
    rill.simulator.nextScript(model, [
      { delta: 'Half of the answer' },
      { error: { code: 502, message: 'gone' } },
    ]);
    await send(stage, 'Does it always work?');
    await chat.lastAnswer.getByText(/The text so far is kept/).waitFor();
  },
  'temporary-chat': async ({ page }) => {
    await page.keyboard.press('Alt+t');
    await page.getByRole('region', { name: 'Temporary chat' }).waitFor();
  },
  'temporary-chat-answered': async (stage) => {
    const { chat, rill } = stage;
    rill.simulator.nextScript(model, [{ delta: 'Nothing of this is stored.' }]);
    await send(stage, 'What is kept of this?');
    await chat.lastAnswer.getByText('Nothing of this').waitFor();
    await chat.settled();
  },
};
