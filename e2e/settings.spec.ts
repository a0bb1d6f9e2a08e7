import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';
import { violationsOf } from './support/violations.ts';

test('the settings have their own address, and Back leads to the chat', async ({ page, rill }) => {
  rill.simulator.script('demo/quick', [{ delta: 'Some text.' }, { hold: 'more' }, { delta: ' The end.' }]);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Hello');
  await expect(chat.lastAnswer).toContainText('Some text.');
  await chat.composer.fill('A draft');
  const address = page.url();
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(page).toHaveURL(/\/settings$/);
  await expect(page).toHaveTitle(/Settings/);
  await expect(page.getByRole('heading', { name: 'Settings', exact: true })).toBeFocused();
  await page.goBack();
  await expect(page).toHaveURL(address);
  // The answer that is being written has continued, and the draft is kept.
  await expect(chat.stopButton).toBeVisible();
  await expect(chat.composer).toHaveValue('A draft');
  await page.goForward();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Appearance' })).toBeVisible();
  await page.getByRole('link', { name: 'Data' }).click();
  await expect(page).toHaveURL(/\/settings\/data$/);
  await expect(page.getByRole('heading', { name: 'Data', exact: true })).toBeInViewport();
  await page.getByRole('button', { name: 'Open bin' }).click();
  await expect(page.getByRole('dialog', { name: 'Bin' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Open bin' })).toBeFocused();
  rill.simulator.release('more');
  await page.goto(address);
  await expect(chat.lastAnswer).toContainText('Some text. The end.');
  expect(chat.complaints).toEqual([]);
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [device, viewport] of [
    ['desktop', { width: 1280, height: 800 }],
    ['phone', { width: 390, height: 844 }],
  ] as const) {
    test(`axe finds nothing wrong with the settings on a ${device} in the ${colorScheme} theme`, async ({
      page,
    }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      await page.goto('/settings');
      await expect(page.getByRole('heading', { name: 'Appearance' })).toBeVisible();
      expect(await violationsOf(page)).toEqual([]);
    });
  }
}

test('on a phone the settings are opened from the sheet and closed with their button', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const chat = new ChatPage(page);
  await chat.open();
  await page.getByRole('button', { name: 'Open sidebar' }).click();
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByRole('heading', { name: 'Appearance' })).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.getByRole('button', { name: 'Close settings' }).click();
  await expect(chat.composer).toBeVisible();
});

test('with the keyboard alone a shortcut is changed, still changed after a reload, and all are switched off', async ({
  page,
}) => {
  const chat = new ChatPage(page);
  await chat.open();
  await page.keyboard.press('Control+/');
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(sheet.getByText('Ctrl+Shift+O')).toBeVisible();
  expect(await violationsOf(page)).toEqual([]);
  await sheet.getByRole('button', { name: 'Change shortcuts' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Shortcuts' })).toBeFocused();
  await page.getByRole('button', { name: /^Search and commands: / }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Alt+s');
  await expect(page.getByRole('button', { name: 'Search and commands: Alt+S. Change' })).toBeFocused();
  await page.reload();
  await expect(page.getByRole('button', { name: 'Search and commands: Alt+S. Change' })).toBeVisible();
  await page.keyboard.press('Alt+s');
  const palette = page.getByRole('dialog', { name: 'Search and commands' });
  await expect(palette).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(palette).toHaveCount(0);
  await page.getByRole('checkbox', { name: 'Use shortcuts' }).focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Control+Shift+O');
  await page.keyboard.press('Alt+s');
  await page.reload();
  await expect(page.getByRole('checkbox', { name: 'Use shortcuts' })).not.toBeChecked();
  await expect(palette).toHaveCount(0);
  await expect(page).toHaveURL(/\/settings/);
});

test('a shortcut that is changed in one tab is the same in another at once', async ({ page, context }) => {
  const chat = new ChatPage(page);
  await chat.open();
  const palette = page.getByRole('dialog', { name: 'Search and commands' });
  const settings = await context.newPage();
  await settings.goto('/settings/shortcuts');
  await settings.getByRole('button', { name: /^Search and commands: / }).click();
  await settings.keyboard.press('Alt+s');
  await expect(settings.getByRole('button', { name: 'Search and commands: Alt+S. Change' })).toBeVisible();
  await page.bringToFront();
  // Screen readers get the keys that really work.
  const search = page.getByRole('button', { name: 'Search', exact: true });
  await expect(search).toHaveAttribute('aria-keyshortcuts', 'Alt+S');
  await page.keyboard.press('Alt+s');
  await expect(palette).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(palette).toHaveCount(0);
  await settings.getByRole('checkbox', { name: 'Use shortcuts' }).uncheck();
  await page.bringToFront();
  await expect(search).not.toHaveAttribute('aria-keyshortcuts');
  await expect(chat.composer).toBeFocused();
  await chat.composer.press('Alt+s');
  await chat.composer.pressSequentially('x');
  await expect(chat.composer).toHaveValue('x');
  await expect(palette).toHaveCount(0);
  expect(chat.complaints).toEqual([]);
});
