/** Tests the built page under a base path, and the page whose files cannot be loaded. */
import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';

test.describe('under a base path', () => {
  test.use({ rillOptions: { environment: { RILL_BASE_PATH: '/team/chat' } } });

  for (const entry of ['', '/']) {
    test(`opened at "${entry}" the page answers, and all addresses stay under it`, async ({ page, rill }) => {
      expect(new URL(rill.url).pathname).toBe('/team/chat');
      const outside: string[] = [];
      page.on('request', (request) => {
        if (!new URL(request.url()).pathname.startsWith('/team/chat')) outside.push(request.url());
      });
      const chat = new ChatPage(page);
      await chat.open(rill.url + entry);
      await chat.send('Hello');
      await expect(chat.answers).toHaveCount(1);
      await chat.settled();
      const address = new RegExp(`^${rill.url}/projects/[^/]+/chats/[^/]+$`);
      await expect(page).toHaveURL(address);
      const link = page.getByRole('complementary').getByRole('link', { name: 'Hello' });
      expect(await link.evaluate((element: HTMLAnchorElement) => element.href)).toMatch(address);
      await page.reload();
      await expect(chat.answers).toHaveCount(1);
      await page.getByRole('button', { name: 'New chat' }).first().click();
      await expect(page).toHaveURL(new RegExp(`^${rill.url}/projects/[^/]+/new$`));
      await page.goBack();
      await expect(chat.answers).toHaveCount(1);
      expect([outside, chat.complaints]).toEqual([[], []]);
    });
  }
});

for (const [what, pattern] of [
  ['its scripts', /\/assets\/.*\.js$/],
  ['its scripts and style sheets', /\/assets\//],
  ['any of its files', /\.(js|css)$/],
] as const) {
  test(`a page that cannot have ${what} says so`, async ({ page }) => {
    await page.route(pattern, (route) => route.fulfill({ status: 403, body: '{}' }));
    await page.goto('/');
    await expect(page.getByText('Rill could not load all files of this page.')).toBeInViewport();
  });
}

test('a page that was loaded does not mention missing files', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.open();
  await expect(page.locator('#not-loaded')).toHaveCount(0);
});
