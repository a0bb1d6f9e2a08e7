import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';

/** The client waits up to 10 s between two attempts, so a page may take longer than most assertions allow. */
const longestReconnect = { timeout: 25_000 };

test('a killed server keeps what was shown; the page says so and continues', async ({ page, rill }) => {
  rill.simulator.nextScript('demo/quick', [{ delta: 'Shown before the crash' }, { hold: 'for ever' }]);
  rill.simulator.script('demo/quick', [{ delta: 'After the crash.' }]);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Hello');
  await expect(chat.lastAnswer).toContainText('Shown before the crash');
  await rill.kill9();
  await expect(chat.lastAnswer).toContainText('Reconnecting');
  await rill.restart();
  await expect(chat.lastAnswer).toContainText('The server restarted while', longestReconnect);
  await expect(chat.lastAnswer).toContainText('Shown before the crash');
  await chat.send('And now?');
  await expect(chat.lastAnswer).toContainText('After the crash.');
});

test('a message sent to a server that is down can be stopped, and is sent once when it is back', async ({
  page,
  rill,
}) => {
  rill.simulator.script('demo/quick', [{ delta: 'An answer.' }]);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Hello');
  await chat.settled();
  await rill.kill9();
  await chat.send('Are you there?');
  await expect(chat.lastAnswer).toContainText('No connection. Trying again');
  await chat.stopButton.click();
  const unsent = page.getByText('Not sent. Stopped before the server answered.');
  await expect(unsent).toBeVisible();
  await expect(chat.answers).toHaveCount(1);
  await rill.restart();
  await unsent.locator('..').getByRole('button', { name: 'Retry' }).click();
  await expect(chat.answers).toHaveCount(2);
  await chat.settled();
  await expect(chat.lastAnswer).toContainText('An answer.');
  await page.reload();
  await expect(chat.answers).toHaveCount(2);
});

test('a draft survives a reload', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.open();
  await chat.composer.fill('Not sent yet');
  await expect
    .poll(() =>
      page.evaluate(() =>
        Object.values(localStorage).some((value) => String(value).includes('Not sent yet')),
      ),
    )
    .toBe(true);
  await page.reload();
  await expect(chat.composer).toHaveValue('Not sent yet');
});

test.describe('with an access token', () => {
  test.use({ rillOptions: { environment: { RILL_ACCESS_TOKEN: 'a-long-enough-secret' } } });

  test('the page asks for the token, refuses a wrong one, and opens with the right one', async ({ page }) => {
    await page.goto('/');
    const field = page.getByLabel('Access token');
    await field.fill('a-wrong-token-here');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByText('The access token is not right.')).toBeVisible();
    await field.fill('a-long-enough-secret');
    await page.getByRole('button', { name: 'Sign in' }).click();
    const chat = new ChatPage(page);
    await chat.open();
    await chat.send('Hello');
    await chat.settled();
    await expect(chat.answers).toHaveCount(1);
  });

  test('signing out leads to the sign-in page, also after a reload', async ({ page }) => {
    await page.goto('/');
    const field = page.getByLabel('Access token');
    await field.fill('a-long-enough-secret');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await expect(field).toBeVisible();
    await page.reload();
    await expect(field).toBeVisible();
  });
});
