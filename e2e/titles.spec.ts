/** How a chat gets its name: by a small model after the first answer, unless its user names it. */
import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';

test.use({ rillOptions: { environment: { RILL_TITLE_MODEL: 'demo/title' } } });

const sidebarOf = ({ page }: ChatPage) => page.getByRole('navigation', { name: 'Projects and chats' });
const heading = ({ page }: ChatPage, name: string) => page.getByRole('heading', { level: 1, name });

test('a chat is named after its first answer, in every tab, and its receipt has what the name cost', async ({
  page,
  context,
  rill,
}) => {
  rill.simulator.script('demo/title', [{ delta: 'Warum der Himmel blau ist' }]);
  const chat = new ChatPage(page);
  const other = new ChatPage(await context.newPage());
  await chat.open();
  await other.open();
  await chat.send('Warum ist der Himmel blau? Bitte kurz.');
  for (const tab of [chat, other])
    await expect(sidebarOf(tab).getByRole('link', { name: 'Warum der Himmel blau ist' })).toBeVisible();
  await expect(heading(chat, 'Warum der Himmel blau ist')).toBeVisible();
  const [asked] = rill.simulator.requests.filter(({ model }) => model === 'demo/title');
  expect(JSON.stringify(asked?.body)).toContain('Warum ist der Himmel blau?');
  const receipt = await chat.openReceipt();
  await expect(receipt.getByRole('row', { name: /^Title of the chat .*demo\/title/ })).toBeVisible();
  await page.keyboard.press('Escape');

  // Later answers ask for no other name.
  await chat.send('Und abends?');
  await expect(chat.answers).toHaveCount(2);
  await chat.settled();
  expect(rill.simulator.requests.filter(({ model }) => model === 'demo/title')).toHaveLength(1);
  expect(chat.complaints).toEqual([]);
});

test('a name that is typed while a title is being written stays, also after a reload', async ({
  page,
  rill,
}) => {
  rill.simulator.script('demo/title', [{ hold: 'title' }, { delta: 'A late title' }]);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Why is the sky blue?');
  await chat.settled();
  await rill.simulator.waitForHold('title');
  await page.getByTitle('Rename').click();
  await page.getByRole('textbox', { name: 'Chat title' }).fill('My own name');
  await page.keyboard.press('Enter');
  await expect(heading(chat, 'My own name')).toBeVisible();
  rill.simulator.release('title');
  await chat.send('And at night?');
  await expect(chat.answers).toHaveCount(2);
  await chat.settled();
  await page.reload();
  await expect(heading(chat, 'My own name')).toBeVisible();
  await expect(sidebarOf(chat).getByRole('link', { name: 'My own name' })).toBeVisible();
});
