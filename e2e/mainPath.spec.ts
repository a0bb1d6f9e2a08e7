/** Tests the most frequent actions in one go: with the keyboard alone, and by touch on a phone. */
import type { Page } from '@playwright/test';
import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';
import type { Rill } from './support/startRill.ts';
import { violationsOf } from './support/violations.ts';

const model = 'demo/quick';
const own = (page: Page) =>
  page.getByRole('article').filter({ has: page.getByRole('heading', { name: 'You' }) });
const pinned = (page: Page) => page.getByRole('region', { name: 'Pinned' });

/** Prepares an answer that is stopped and continued, one to the edited message, and one in another chat. */
function prepareAnswers({ simulator }: Rill): void {
  simulator.nextScript(
    model,
    [{ delta: 'The tide follows the **moon' }, { hold: 'for ever' }],
    [{ delta: '**, twice a day.' }],
    [{ delta: 'Spring tides come with the new moon.' }],
    [{ delta: 'Granite.' }],
  );
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`in the ${colorScheme} theme`, () => {
    test.use({ colorScheme });

    test('the main path works with the keyboard alone', async ({ page, rill }) => {
      prepareAnswers(rill);
      const chat = new ChatPage(page);
      const { keyboard } = page;
      const run = async (command: string) => {
        await keyboard.press('Control+k');
        await expect(page.getByRole('combobox')).toBeFocused();
        await keyboard.type(command);
        await expect(page.getByRole('option', { name: command })).toHaveAttribute('aria-selected', 'true');
        await keyboard.press('Enter');
      };
      await page.goto('/');
      await expect(chat.composer).toBeFocused();
      await keyboard.press('Control+Shift+O');
      await keyboard.type('What moves the sea?');
      await keyboard.press('Enter');
      await expect(chat.lastAnswer).toContainText('The tide follows the moon');
      await keyboard.press('Escape');
      await expect(chat.lastAnswer).toContainText('Stopped after');
      await keyboard.press('Alt+c');
      await expect(chat.lastAnswer).toContainText('moon, twice a day.');
      await chat.settled();
      await expect(chat.composer).toBeFocused();

      await keyboard.press('ArrowUp');
      await expect(page.getByRole('textbox', { name: 'Edit message' })).toBeFocused();
      await keyboard.press('Control+a');
      await keyboard.type('When is the tide highest?');
      await keyboard.press('Control+Enter');
      await expect(chat.lastAnswer).toContainText('Spring tides');
      await chat.settled();
      await keyboard.press('Alt+ArrowLeft');
      await expect(chat.lastAnswer).toContainText('twice a day');
      await keyboard.press('Alt+ArrowRight');
      await expect(chat.lastAnswer).toContainText('Spring tides');
      const address = page.url();

      await keyboard.press('Control+Shift+O');
      await expect(page).not.toHaveURL(address);
      await expect(chat.composer).toBeFocused();
      await keyboard.type('Which stone is hard?');
      await keyboard.press('Enter');
      await expect(chat.lastAnswer).toContainText('Granite.');
      await chat.settled();
      await keyboard.press('Control+k');
      await expect(page.getByRole('combobox')).toBeFocused();
      await keyboard.type('twice a day');
      const hit = page.getByRole('group', { name: 'Messages' }).getByRole('option');
      await expect(hit).toHaveAttribute('aria-selected', 'true');
      expect(await violationsOf(page)).toEqual([]);
      await keyboard.press('Enter');
      await expect(page).toHaveURL(address);
      await expect(chat.lastAnswer).toContainText('twice a day');
      await expect(chat.lastAnswer).toBeFocused();

      await run('Rename this chat');
      await expect(page.getByRole('textbox', { name: 'Name' })).toBeFocused();
      await keyboard.press('Control+a');
      await keyboard.type('Tides');
      await keyboard.press('Enter');
      await expect(page.getByRole('heading', { level: 1, name: 'Tides' })).toBeVisible();
      await run('Pin this chat');
      await expect(pinned(page).getByRole('link', { name: 'Tides' })).toBeVisible();
      await keyboard.press('Control+Shift+Backspace');
      await expect(pinned(page)).toHaveCount(0);
      await expect(page).not.toHaveURL(address);
      expect(await violationsOf(page)).toEqual([]);
      await keyboard.press('Control+z');
      await expect(page).toHaveURL(address);
      await expect(pinned(page).getByRole('link', { name: 'Tides' })).toBeVisible();
      await expect(chat.lastAnswer).toContainText('twice a day');

      await keyboard.press('Control+,');
      await expect(page.getByRole('heading', { name: 'Settings', exact: true })).toBeFocused();
      await keyboard.press('Control+/');
      const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
      await expect(help).toBeVisible();
      expect(await violationsOf(page)).toEqual([]);
      await keyboard.press('Escape');
      await expect(help).toHaveCount(0);
      await page.goBack();
      await expect(chat.composer).toBeFocused();
      expect(chat.complaints).toEqual([]);
    });

    test.describe('on a phone', () => {
      test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

      test('the main path works by touch', async ({ page, rill }) => {
        prepareAnswers(rill);
        const chat = new ChatPage(page);
        const tap = (name: string | RegExp) => page.getByRole('button', { name, exact: true }).last().tap();
        const fromMenu = async (item: string) => {
          await tap('Chat actions');
          await page.getByRole('menuitem', { name: item, exact: true }).tap();
        };
        await chat.open();
        await chat.composer.fill('What moves the sea?');
        await tap('Send message');
        await expect(chat.lastAnswer).toContainText('The tide follows the moon');
        await tap('Stop answer');
        await expect(chat.lastAnswer).toContainText('Stopped after');
        await tap('Continue');
        await expect(chat.lastAnswer).toContainText('moon, twice a day.');
        await chat.settled();

        await own(page).getByRole('button', { name: 'Edit' }).tap();
        await page.getByRole('textbox', { name: 'Edit message' }).fill('When is the tide highest?');
        await tap('Send');
        await expect(chat.lastAnswer).toContainText('Spring tides');
        await chat.settled();
        await own(page).getByRole('button', { name: 'Previous version' }).tap();
        await expect(chat.lastAnswer).toContainText('twice a day');
        await own(page).getByRole('button', { name: 'Next version' }).tap();
        await expect(chat.lastAnswer).toContainText('Spring tides');
        const address = page.url();

        await tap('New chat');
        await expect(page).not.toHaveURL(address);
        await chat.composer.fill('Which stone is hard?');
        await tap('Send message');
        await expect(chat.lastAnswer).toContainText('Granite.');
        await chat.settled();
        await tap('Open sidebar');
        expect(await violationsOf(page)).toEqual([]);
        await tap('Search');
        await page.getByRole('combobox').fill('twice a day');
        await page.getByRole('group', { name: 'Messages' }).getByRole('option').tap();
        await expect(page).toHaveURL(address);
        await expect(chat.lastAnswer).toContainText('twice a day');

        await fromMenu('Rename');
        await page.getByRole('textbox', { name: 'Chat title' }).fill('Tides');
        await page.keyboard.press('Enter');
        await expect(page.getByRole('heading', { level: 1, name: 'Tides' })).toBeVisible();
        await tap('Chat actions');
        expect(await violationsOf(page)).toEqual([]);
        await page.getByRole('menuitem', { name: 'Pin', exact: true }).tap();
        await fromMenu('Delete');
        await expect(page).not.toHaveURL(address);
        await tap('Undo');
        await expect(page).toHaveURL(address);
        await tap('Open sidebar');
        await expect(pinned(page).getByRole('link', { name: 'Tides' })).toBeVisible();
        await page.getByRole('link', { name: 'Settings' }).tap();
        await expect(page.getByRole('heading', { name: 'Appearance' })).toBeVisible();
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
        await page.goBack();
        await expect(chat.lastAnswer).toContainText('twice a day');
        expect(chat.complaints).toEqual([]);
      });
    });
  });
}
