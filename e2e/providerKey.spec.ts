/**
 * Tests the provider's key on the settings page: typed in, fetched from the provider's own page, and overridden by the
 * server's.
 */
import type { Page, Route } from '@playwright/test';
import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';

const goodKey = 'sk-or-v1-0123456789abcdef-good';
const secret = '0123456789abcdef';

/** Sends from a new chat, and returns its last answer. */
async function ask(page: Page, text: string) {
  const chat = new ChatPage(page);
  await page.getByRole('button', { name: 'New chat' }).first().click();
  await chat.send(text);
  await expect(chat.answers).toHaveCount(1);
  return chat.lastAnswer;
}

/** Collects what the server sends to the page, to check what it does not contain. */
function collectBodies(page: Page): Promise<string>[] {
  const bodies: Promise<string>[] = [];
  page.on('response', (response) => {
    // An event stream has no end, and a body can disappear with its page.
    const isJson = response.headers()['content-type']?.startsWith('application/json');
    if (isJson) bodies.push(response.text().catch(() => ''));
  });
  return bodies;
}

test.describe('without a key', () => {
  test.use({
    rillOptions: { simulator: { apiKey: goodKey }, environment: { OPENROUTER_API_KEY: '' } },
  });

  test('when a key is entered in one tab, another tab loads its models', async ({ page, context }) => {
    const other = new ChatPage(await context.newPage());
    await other.open();
    await expect(other.page.getByRole('button', { name: 'New project' })).toBeVisible();
    let answers = 0;
    // The simulator's list does not depend on the key; the test checks that it is requested again.
    await other.page.route('**/api/models', async (route) => {
      answers += 1;
      const response = await route.fetch();
      const list = await response.json();
      await route.fulfill({
        json: { ...list, models: [{ ...list.models[0], id: 'new/one', name: 'The new one' }] },
      });
    });
    await page.goto('/settings/provider');
    await page.getByLabel('API key').fill(goodKey);
    await page.keyboard.press('Enter');
    await expect(page.getByText('A key that ends in good is stored on the server')).toBeVisible();
    await expect.poll(() => answers).toBe(1);
    await other.page.bringToFront();
    await other.page.getByRole('button', { name: /^Model:/ }).click();
    await expect(other.page.getByRole('option', { name: /The new one/ })).toBeVisible();
  });

  test('a chat says what to do, and an entered key is used at once and never shown again', async ({
    page,
    rill,
  }) => {
    const chat = new ChatPage(page);
    await chat.open();
    await expect(await ask(page, 'First')).toContainText('Look at its API key in the settings.');
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('link', { name: 'Provider key' }).click();
    await expect(page.getByText('The server has no key for the model provider.')).toBeVisible();
    const bodies = collectBodies(page);
    await page.getByLabel('API key').fill(goodKey);
    await page.keyboard.press('Enter');
    await expect(page.getByText('A key that ends in good is stored on the server')).toBeVisible();
    await expect(page.getByLabel('Another API key')).toHaveValue('');
    const answer = await ask(page, 'Second');
    await chat.settled();
    await expect(answer).not.toContainText('API key');
    await page.goto('/settings/provider');
    await expect(page.getByText('A key that ends in good is stored on the server')).toBeVisible();
    expect(await page.content()).not.toContain(secret);
    expect((await Promise.all(bodies)).filter((body) => body.includes(secret))).toEqual([]);
    expect(
      await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }])),
    ).not.toContain(secret);
    expect(rill.output()).not.toContain(secret);
    await page.getByRole('button', { name: 'Delete key' }).click();
    await expect(page.getByText('The server has no key for the model provider.')).toBeVisible();
    await expect(await ask(page, 'Third')).toContainText('Look at its API key in the settings.');
  });
});

test.describe("with the provider's own page", () => {
  test.use({
    rillOptions: {
      simulator: { apiKey: goodKey, port: 0 },
      environment: {
        OPENROUTER_API_KEY: '',
        OPENROUTER_KEY_PAGE_URL: 'http://provider.test/auth',
        RILL_BASE_PATH: '/team/chat',
        RILL_ACCESS_TOKEN: 'a-token-of-many-characters',
      },
    },
  });

  test('one button fetches a key, also under a base path and after a sign-in', async ({ page, rill }) => {
    // The address of the simulator is unknown before the server starts.
    await page.route('http://provider.test/auth*', (route) => {
      const { search } = new URL(route.request().url());
      const location = `${new URL(rill.simulator.url).origin}/auth${search}`;
      return route.fulfill({ status: 302, headers: { location } });
    });
    const chat = new ChatPage(page);
    await page.goto(`${rill.url}/settings/provider`);
    await page.getByLabel('Access token').fill('a-token-of-many-characters');
    await page.getByRole('button', { name: 'Sign in' }).click();
    // With the keyboard: content that appears above the button moves it.
    const connect = page.getByRole('button', { name: 'Connect with OpenRouter' });
    await expect(connect).toBeEnabled();
    await connect.press('Enter');
    await expect(page.getByText('A key that ends in good is stored on the server')).toBeVisible();
    // The address no longer contains the code.
    await expect(page).toHaveURL(`${rill.url}/settings/provider`);
    await page.reload();
    await expect(page.getByText('A key that ends in good is stored on the server')).toBeVisible();
    await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toHaveCount(0);
    const answer = await ask(page, 'Hello');
    await chat.settled();
    await expect(answer).not.toContainText('API key');
  });

  test('an unrequested code is reported as too late', async ({ page, rill }) => {
    await page.goto(`${rill.url}/settings/provider?state=unknown&code=stolen`);
    await page.getByLabel('Access token').fill('a-token-of-many-characters');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(
      page.getByText('The code is wrong, was used before or has expired. Connect again.'),
    ).toBeVisible();
    await expect(page.getByText('The server has no key for the model provider.')).toBeVisible();
    await expect(page).toHaveURL(`${rill.url}/settings/provider`);
  });

  test('a code that is refused before the sign-in is used again after it', async ({ page, rill }) => {
    const refused = page.waitForResponse(/connection\/finish$/);
    // The page asks for the sign-in when one of its requests is refused; here that must not happen before the code is.
    const hold = async (route: Route) => {
      await refused;
      await route.continue();
    };
    await page.route(/\/api\/(models|events|projects)/, hold);
    await page.goto(`${rill.url}/settings/provider?state=unknown&code=stolen`);
    expect((await refused).status()).toBe(401);
    await page.getByLabel('Access token').fill('a-token-of-many-characters');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(
      page.getByText('The code is wrong, was used before or has expired. Connect again.'),
    ).toBeVisible();
    await expect(page).toHaveURL(`${rill.url}/settings/provider`);
  });
});

test('a key of the server cannot be replaced in the page', async ({ page }) => {
  await page.goto('/settings/provider');
  await expect(page.getByText(/^The key.* comes from the settings of the server/)).toBeVisible();
  await expect(page.getByLabel('API key')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Connect with OpenRouter' })).toHaveCount(0);
});
