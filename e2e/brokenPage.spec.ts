/** Tests the page when its server is gone, its files are gone, or its address does not exist. */
import type { Page } from '@playwright/test';
import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';

const lost = 'The server cannot be reached. Trying again.';

/** Resolves when the page is idle: its parts, its lists and its feed are loaded. */
async function openIdle(page: Page): Promise<void> {
  await new ChatPage(page).open();
  await expect(page.getByText('No chats yet')).toBeVisible();
  await expect(page.locator('.page-notices')).toBeAttached();
}

test('an idle page says within seconds that its server is gone, and when it is back', async ({
  page,
  rill,
}) => {
  await openIdle(page);
  await rill.kill9();
  await expect(page.locator('.page-notice', { hasText: lost })).toBeVisible({ timeout: 5000 });
  await rill.restart();
  await expect(page.locator('.page-notice', { hasText: 'The server is back.' })).toBeVisible({
    timeout: 15_000,
  });
  await expect(page.locator('.page-notice')).toHaveCount(0);
});

test('an idle page says within about ten seconds that its server hangs, and when it continues', async ({
  page,
  rill,
}) => {
  await openIdle(page);
  rill.freeze();
  await expect(page.locator('.page-notice', { hasText: lost })).toBeVisible({ timeout: 15_000 });
  rill.thaw();
  await expect(page.locator('.page-notice', { hasText: 'The server is back.' })).toBeVisible({
    timeout: 15_000,
  });
});

for (const path of ['/nowhere', '/projects/x_y', '/projects/0199a1b2-0000-7000-8000-000000000001']) {
  test(`${path} says that it does not exist, and leads to the chats`, async ({ page }) => {
    await page.goto(path);
    await expect(
      page.getByRole('heading', { level: 1, name: /There is nothing|does not exist/ }),
    ).toBeVisible();
    await page.getByRole('button', { name: 'Go to your chats' }).click();
    await expect(new ChatPage(page).composer).toBeVisible();
  });
}

test('a deleted chat is shown as deleted, and stays so, with a way out', async ({ page, rill }) => {
  const { projects } = (await (await fetch(`${rill.url}/api/projects`)).json()) as {
    projects: { id: string }[];
  };
  await page.goto(`/projects/${projects[0]?.id}/chats/0199a1b2-0000-7000-8000-000000000001`);
  const heading = page.getByRole('heading', { name: 'This chat does not exist' });
  await expect(heading).toBeVisible();
  // The feed has started by then, and has made the page read again.
  await expect(page.getByRole('button', { name: 'New project' })).toBeVisible();
  await rill.restart();
  await expect(page.getByText('The server is back.').or(heading).first()).toBeVisible();
  await page.getByRole('main').getByRole('button', { name: 'New chat' }).last().click();
  await expect(new ChatPage(page).composer).toBeVisible();
});

test('the address of a chat in the bin says so, and restores it', async ({ page, rill }) => {
  rill.simulator.nextScript('demo/quick', [{ delta: 'Ready.' }]);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Hello');
  await expect(chat.lastAnswer).toContainText('Ready.');
  await chat.settled();
  const address = page.url();
  await page.keyboard.press('Control+Shift+Backspace');
  await expect(page.getByText('1 chat deleted').first()).toBeVisible();
  await expect(page).not.toHaveURL(address);
  await page.goto(address);
  await expect(page.getByRole('heading', { name: 'This chat is in the bin' })).toBeVisible();
  await page.getByRole('main').getByRole('button', { name: 'Restore' }).click();
  await expect(chat.lastAnswer).toContainText('Ready.');
  await expect(page).toHaveURL(address);
  await expect(page.getByRole('link', { name: 'Hello' })).toBeVisible();
});

test('a chat that is deleted elsewhere while a message is written can be restored with that text', async ({
  page,
  rill,
}) => {
  rill.simulator.nextScript('demo/quick', [{ delta: 'Ready.' }]);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Hello');
  await expect(chat.lastAnswer).toContainText('Ready.');
  await chat.settled();
  await chat.composer.fill('Half a question');
  const { pathname } = new URL(page.url());
  await fetch(`${rill.url}/api${pathname}`, { method: 'DELETE' });
  await expect(page.getByRole('heading', { name: 'This chat is in the bin' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Move it to a new chat' })).toBeVisible();
  await page.getByRole('main').getByRole('button', { name: 'Restore' }).click();
  await expect(chat.lastAnswer).toContainText('Ready.');
  await expect(chat.composer).toHaveValue('Half a question');
});

test('a part that cannot be loaded does not block the keys, says what to do, and can be tried again', async ({
  page,
  rill,
}) => {
  const late = /assets\/(ModelPicker|ActionMenu)-/;
  await page.route(late, (route) => route.abort());
  const chat = new ChatPage(page);
  await chat.open();
  rill.simulator.script('demo/quick', [
    { delta: 'The tide comes' },
    { hold: 'half' },
    { delta: ' and goes.' },
  ]);
  await chat.send('What are tides?');
  await expect(chat.lastAnswer).toContainText('The tide comes');
  await page.keyboard.press('Control+Shift+M');
  const notice = page.getByRole('alert').filter({ hasText: 'A part of the page could not be loaded.' });
  await expect(notice.getByRole('button', { name: 'Reload the page' })).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(chat.sendButton).toBeVisible();
  await expect(chat.lastAnswer).toContainText('Stopped');
  await notice.getByRole('button', { name: 'Dismiss' }).click();
  await page.getByRole('button', { name: 'Chat actions', exact: true }).click();
  await expect(notice).toBeVisible();
  await page.keyboard.press('Control+Shift+O');
  await expect(page).toHaveURL(/\/projects\/[^/]+\/new$/);
  await page.unroute(late);
  await notice.getByRole('button', { name: 'Reload the page' }).click();
  await expect(chat.composer).toBeVisible();
  await page.keyboard.press('Control+Shift+M');
  await expect(page.getByRole('dialog')).toBeVisible();
});

test('parts that are needed later are loaded before the server is gone', async ({ page, rill }) => {
  const chat = new ChatPage(page);
  const fetched = page.waitForResponse(/assets\/ModelPicker-.*\.js/);
  await chat.open();
  await fetched;
  await rill.kill9();
  await page.keyboard.press('Control+Shift+M');
  await expect(page.getByRole('dialog')).toBeVisible();
});

test('an open tab reports a new build, and a reload keeps the draft', async ({ page }) => {
  await page.route('**/', async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace(/(name="rill-build" content=")[^"]+/, '$1old');
    await route.fulfill({ response, body });
  });
  const chat = new ChatPage(page);
  await chat.open();
  await chat.composer.fill('Not sent yet');
  const notice = page.locator('.page-notice', { hasText: 'A new version is ready.' });
  await expect(notice).toBeVisible();
  await page.unrouteAll();
  await notice.getByRole('button', { name: 'Reload the page' }).click();
  await expect(chat.composer).toHaveValue('Not sent yet');
  await expect(notice).toHaveCount(0);
});

test('a first message without a server stays in its own chat, and is sent once when the server is back', async ({
  page,
  rill,
}) => {
  const chat = new ChatPage(page);
  await openIdle(page);
  await rill.kill9();
  await chat.send('Why is the sky blue?');
  await expect(
    page.getByText('Not sent. It will be sent automatically once the server accepts it.'),
  ).toBeVisible();
  const address = page.url();
  expect(address).toMatch(/\/chats\/[0-9a-f-]{36}$/);
  await page.getByRole('button', { name: 'New chat', exact: true }).first().click();
  await expect(chat.composer).toHaveValue('');
  await expect(page.getByRole('link', { name: /Why is the sky blue/ })).toContainText('Not sent');
  await rill.restart();
  await expect(page.getByText('Not sent')).toHaveCount(0, { timeout: 30_000 });
  await page.getByRole('link', { name: /Why is the sky blue/ }).click();
  await expect(page).toHaveURL(address);
  await chat.settled();
  await expect(chat.answers).toHaveCount(1);
  expect(rill.simulator.requests.filter((request) => request.model)).toHaveLength(1);
});

test('a later message without a server is sent once when the server is back, wherever its writer is, unless it is stopped', async ({
  page,
  rill,
}) => {
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('What are tides?');
  await chat.settled();
  const address = page.url();
  const isAsked = ({ model }: { model?: string | undefined }) => model !== undefined;
  const before = rill.simulator.requests.filter(isAsked).length;
  await rill.kill9();
  await chat.send('Never mind');
  await expect(page.getByText('Not sent. It will be sent automatically')).toBeVisible();
  await chat.stopButton.click();
  await expect(page.getByText('Not sent. Stopped before the server answered.')).toBeVisible();
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await expect(chat.composer).toHaveValue('Never mind');
  await chat.send('And how high are they?');
  await expect(page.getByText('Not sent. It will be sent automatically')).toBeVisible();
  await page.getByRole('button', { name: 'New chat', exact: true }).first().click();
  await page.reload().catch(() => undefined);
  await rill.restart();
  await page.goto(`${rill.url}/`);
  await page.goto(address);
  await expect(page.getByText('Not sent')).toHaveCount(0, { timeout: 30_000 });
  await chat.settled();
  await expect(chat.answers).toHaveCount(2);
  await expect(page.getByText('And how high are they?')).toHaveCount(1);
  expect(rill.simulator.requests.filter(isAsked)).toHaveLength(before + 1);
});
