/** Tests messages at the server's limit, in any script, and messages that a proxy or the model refuses. */
import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';

/** Less than the default, so that the page does not have to lay out a megabyte four times. */
const limitBytes = 65_536;
/** More than the other fields of the request take. */
const roomBytes = 1000;

const scripts: readonly (readonly [string, string])[] = [
  ['Chinese', '潮汐'],
  ['Arabic', 'مد وجزر '],
  ['emoji', '🌊🌕'],
  ['English with quotes', '"tides" \\ '],
];

async function chatsAt(url: string): Promise<{ id: string; projectId: string }[]> {
  const { projects } = (await (await fetch(`${url}/api/projects`)).json()) as { projects: { id: string }[] };
  const answer = await fetch(`${url}/api/projects/${projects[0]?.id}/chats`);
  return ((await answer.json()) as { chats: { id: string; projectId: string }[] }).chats;
}

test.describe('at a limit of 64 KiB', () => {
  test.use({ rillOptions: { environment: { RILL_MAX_BODY_BYTES: String(limitBytes) } } });
  for (const [name, unit] of scripts) {
    test(`a message in ${name} is sent up to the limit of the server, and past it refused with both sizes`, async ({
      page,
      rill,
    }) => {
      const chat = new ChatPage(page);
      await chat.open();
      const unitBytes = Buffer.byteLength(JSON.stringify(unit)) - 2;
      const count = Math.floor((limitBytes - roomBytes) / unitBytes);
      const tooMuch = unit.repeat(count + Math.ceil(roomBytes / unitBytes));
      await chat.composer.fill(tooMuch);
      await expect(
        page.getByText(/too long to be sent: 6[56],\d{3} bytes, and 65,536 bytes at most/),
      ).toBeVisible();
      await chat.composer.press('Enter');
      await expect(chat.composer).toHaveValue(tooMuch);
      expect(await chatsAt(rill.url)).toEqual([]);
      // It stays in this browser: the page does not ask the server to store what that would refuse.
      await page.reload();
      await expect(chat.composer).toHaveValue(tooMuch);
      await expect(page.getByText('Until then it is stored in this browser only.')).toBeVisible();
      expect(chat.complaints).toEqual([]);
      await chat.composer.fill(unit.repeat(count));
      await chat.composer.press('Enter');
      await expect(chat.answers).toHaveCount(1);
      await expect(chat.composer).toHaveValue('');
      const [made] = await chatsAt(rill.url);
      const { messages } = (await (
        await fetch(`${rill.url}/api/projects/${made?.projectId}/chats/${made?.id}`)
      ).json()) as {
        messages: { content: string }[];
      };
      expect(messages[0]?.content).toBe(unit.repeat(count));
    });
  }
});

test('a message that no model can read is refused without a chat, and stays in the composer', async ({
  page,
  rill,
}) => {
  const chat = new ChatPage(page);
  await chat.open();
  const words = 'tides '.repeat(150_000);
  await chat.composer.fill(words);
  await chat.composer.press('Enter');
  await expect(page.getByText('Not sent. The message is longer than the model can read.')).toBeVisible();
  expect(await chatsAt(rill.url)).toEqual([]);
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await expect(chat.composer).toHaveValue(words);
});

test('a message that a proxy refuses is reported with its size, makes no chat, and can be shortened and sent', async ({
  page,
  rill,
}) => {
  // nginx's default answer to more than 1 MB.
  const body = '<html><head><title>413 Request Entity Too Large</title></head></html>';
  await page.route('**/messages/stream', async (route) => {
    const isLarge = (route.request().postData()?.length ?? 0) > 500_000;
    if (isLarge) await route.fulfill({ status: 413, contentType: 'text/html', body });
    else await route.continue();
  });
  const chat = new ChatPage(page);
  await chat.open();
  const words = 'tides '.repeat(100_000);
  await chat.composer.fill(words);
  await chat.composer.press('Enter');
  await expect(page.getByText(/This message has 600,002 bytes, and the server, or a proxy/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Retry' })).toHaveCount(0);
  expect(await chatsAt(rill.url)).toEqual([]);
  await page.reload();
  await expect(page.getByText(/This message has 600,002 bytes/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Retry' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await expect(chat.composer).toHaveValue(words);
  await chat.send('What are tides?');
  await expect(chat.answers).toHaveCount(1);
  await chat.settled();
  expect(await chatsAt(rill.url)).toHaveLength(1);
});
