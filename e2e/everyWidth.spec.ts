/** Tests all screens at difficult sizes: nothing is cut off, and the composer can be used. */
import { expect, type Page } from '@playwright/test';
import { ChatPage } from './support/chatPage.ts';
import { cutOff } from './support/cutOff.ts';
import { test } from './support/rillTest.ts';

const sizes = {
  'at 200 % zoom': { width: 640, height: 400 },
  'on a phone on its side': { width: 844, height: 390 },
  'on a screen 320 px wide': { width: 320, height: 640 },
  'on a screen 2560 px wide': { width: 2560, height: 1440 },
};
const answer = [
  '# A heading',
  '| One | Two |\n| - | -: |\n| a longer cell | 4,096 |',
  '```typescript\nconst aLineOfCode = "that is far too long for a screen of 320 pixels and scrolls by itself";\n```',
].join('\n\n');

for (const [name, size] of Object.entries(sizes)) {
  test(`nothing is cut off on any screen ${name}`, async ({ page, rill }) => {
    await page.setViewportSize(size);
    const chat = new ChatPage(page);
    await chat.open();
    await expectWhole(page);
    await expect(chat.composer).toBeInViewport({ ratio: 1 });
    rill.simulator.nextScript('demo/quick', [{ delta: answer }]);
    await chat.send('Why is it so, and how could it have been otherwise, all things considered?');
    await chat.settled();
    await expectWhole(page);
    await expect(chat.composer).toBeInViewport({ ratio: 1 });
    await chat.openReceipt();
    await expectWhole(page, '.popover');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('What the model gets');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('button', { name: /^Keep out: Why is it so/ })).toBeVisible();
    await expectWhole(page, '.dialog');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Model:/ }).click();
    await expect(page.getByRole('option').first()).toBeInViewport({ ratio: 1 });
    await expectWhole(page, '.popover');
    await page.keyboard.press('Escape');
    const openSidebar = page.getByRole('button', { name: 'Open sidebar' });
    if (await openSidebar.isVisible()) await openSidebar.click();
    const settings = page.getByRole('link', { name: 'Settings' });
    // The pointer waits until the sheet has opened.
    await settings.hover();
    await expectWhole(page, '.sidebar');
    await settings.click();
    await expect(page.getByRole('heading', { name: 'Appearance' })).toBeVisible();
    await expectWhole(page);
    await page.goBack();
    await expect(chat.composer).toBeVisible();
    await page.goto(new URL('..', page.url()).pathname.replace(/\/chats\/$/, ''));
    await expect(page.getByRole('table', { name: 'Chats' })).toBeVisible();
    await expectWhole(page);
    await page.goto('/nothing/here');
    await expect(page.getByRole('heading', { name: 'There is nothing at this address' })).toBeVisible();
    await expectWhole(page);
  });
}

async function expectWhole(page: Page, within?: string): Promise<void> {
  expect(await cutOff(page, within)).toEqual([]);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide).toBeLessThanOrEqual(0);
}
