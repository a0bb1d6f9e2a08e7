/** Tests the page of a project: the settings that its chats share, the chats as a table, and the way to a new chat. */
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from '@playwright/test';
import { ChatPage } from './support/chatPage.ts';
import { cutOff } from './support/cutOff.ts';
import { dropFiles, type GivenFile } from './support/dropFiles.ts';
import { expect, test } from './support/rillTest.ts';
import type { Rill } from './support/startRill.ts';
import { violationsOf } from './support/violations.ts';

async function onlyProject(page: Page, url: string): Promise<{ id: string; name: string }> {
  const { projects } = await (await page.request.get(`${url}/api/projects`)).json();
  return projects[0];
}

async function addChats(page: Page, url: string, projectId: string, count: number): Promise<void> {
  for (let index = 1; index <= count; index += 1)
    await page.request.post(`${url}/api/projects/${projectId}/chats`, { data: { title: `Chat ${index}` } });
}

test('a project has a page with an address: its instructions apply to the next chat, which is one Enter away', async ({
  page,
  rill,
}) => {
  const { id, name } = await onlyProject(page, rill.url);
  await addChats(page, rill.url, id, 2);
  await page.goto(`/projects/${id}`);
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
  const rows = page.getByRole('table', { name: 'Chats' }).getByRole('row');
  await expect(rows).toHaveText([/Title/, /Chat 2/, /Chat 1/]);

  await page.getByRole('textbox', { name: 'Instructions' }).fill('Answer in rhymes.');
  await page.getByRole('spinbutton', { name: 'Temperature, 0 to 2' }).fill('0.5');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Not saved yet')).toBeHidden();
  await page.reload();
  await expect(page.getByRole('textbox', { name: 'Instructions' })).toHaveValue('Answer in rhymes.');

  // With the keyboard alone: the link to a new chat has the focus.
  await expect(page.getByRole('main').getByRole('link', { name: 'New chat' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`${rill.url}/projects/${id}/new`);
  const chat = new ChatPage(page);
  await expect(chat.composer).toBeFocused();
  rill.simulator.nextScript('demo/quick', [{ delta: 'Begun' }, { hold: 'end' }, { delta: ' and ended.' }]);
  await page.keyboard.type('Why?');
  await page.keyboard.press('Enter');
  await expect(chat.lastAnswer).toContainText('Begun');
  const sent = rill.simulator.requests.filter(({ model }) => model).at(-1)?.body;
  expect(sent).toMatchObject({
    temperature: 0.5,
    messages: [{ role: 'system', content: 'Answer in rhymes.' }, {}],
  });

  // The table shows what a chat is doing, and stays up to date.
  await page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
  await expect(rows.nth(1)).toContainText('Being written');
  rill.simulator.release('end');
  await expect(rows.nth(1)).toContainText('New answer');
  await expect(rows.nth(1).getByRole('cell').last()).toHaveText(/^[<≈]*\$0\.\d+$/);
  await expect(rows.nth(2).getByRole('cell').last()).toHaveText('');
  await rows.nth(1).getByRole('link').press('Enter');
  await expect(chat.lastAnswer).toContainText('Begun and ended.');
});

const notes: GivenFile = {
  name: 'notes.txt',
  mimeType: 'text/plain',
  buffer: Buffer.from('Göttingen\r\na tab\tand ```a fence```, no line end at the end'),
};
const table: GivenFile = {
  name: 'table.csv',
  mimeType: 'text/csv',
  buffer: Buffer.from(`city,count\n${'Bremen,577026\n'.repeat(40)}`),
};

const filesOf = (page: Page): Locator => page.getByRole('list', { name: 'Files' }).getByRole('listitem');

/** All text that the provider received with the last question. */
function sentText({ simulator }: Rill): string {
  const asked = simulator.requests.findLast(({ body }) => (body as { stream?: boolean } | undefined)?.stream);
  const body = asked?.body as { messages: { content: string | { text?: string }[] }[] };
  return body.messages
    .flatMap(({ content }) => (typeof content === 'string' ? content : content.map(({ text }) => text ?? '')))
    .join('\n');
}

test('each chat of a project gets its files byte for byte, until they are removed', async ({
  page,
  rill,
}) => {
  const { id, name } = await onlyProject(page, rill.url);
  const projectLink = page.getByRole('navigation').getByRole('link', { name, exact: true });
  const newChat = page.getByRole('main').getByRole('link', { name: 'New chat' });
  await page.goto(`/projects/${id}`);
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Add files' }).press('Enter');
  await (await chooser).setFiles([notes]);
  await expect(filesOf(page)).toHaveText([/notes\.txt.*tokens/]);
  const byKey = page.waitForEvent('filechooser');
  await page.keyboard.press('ControlOrMeta+u');
  await (await byKey).setFiles([table]);
  await expect(filesOf(page)).toHaveText([/notes\.txt.*tokens/, /table\.csv.*CSV.*tokens/]);
  await expect(page.getByText(/^2 files, ≈\d+ tokens in all$/)).toBeVisible();
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download table.csv' }).click();
  expect(await readFile(await (await download).path())).toEqual(table.buffer);

  const chat = new ChatPage(page);
  await newChat.press('Enter');
  await chat.send('What is in these?');
  await chat.settled();
  for (const { name: sentName, buffer } of [notes, table]) {
    expect(sentText(rill)).toContain(sentName);
    expect(sentText(rill)).toContain(buffer.toString());
  }

  // With the keyboard alone: one is removed, restored, and removed permanently.
  await projectLink.click();
  const remove = page.getByRole('button', { name: 'Remove notes.txt' });
  const undo = page.getByRole('main').getByRole('button', { name: 'Undo' });
  await remove.press('Enter');
  await expect(undo).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(filesOf(page)).toHaveText([/notes\.txt/, /table\.csv/]);
  await expect(page.getByRole('button', { name: 'Add files' })).toBeFocused();
  await remove.press('Enter');
  await expect(undo).toBeFocused();
  const readFiles = async () => (await page.request.get(`${rill.url}/api/projects/${id}/files`)).json();
  await expect.poll(async () => (await readFiles()).files).toMatchObject([{ name: table.name }]);
  await page.reload();
  await expect(filesOf(page)).toHaveText([/table\.csv/]);
  await newChat.press('Enter');
  await chat.send('And now?');
  await chat.settled();
  expect(sentText(rill)).toContain(table.buffer.toString());
  expect(sentText(rill)).not.toContain('Göttingen');
});

test('a file is added to its project even if another page is opened meanwhile, and other tabs show it', async ({
  page,
  context,
  rill,
}) => {
  const { id } = await onlyProject(page, rill.url);
  const other = await context.newPage();
  await other.goto(`/projects/${id}`);
  await expect(other.getByRole('heading', { name: 'Files' })).toBeVisible();
  await page.goto(`/projects/${id}`);
  await expect(page.getByRole('heading', { name: 'Files' })).toBeVisible();
  const held = Promise.withResolvers<void>();
  await page.route(/\/api\/files\?/, async (route) => {
    await held.promise;
    await route.continue();
  });
  await dropFiles(page, [table]);
  await expect(page.getByRole('progressbar', { name: 'Upload of table.csv' })).toBeVisible();
  await page.getByRole('main').getByRole('link', { name: 'New chat' }).press('Enter');
  await expect(new ChatPage(page).composer).toBeFocused();
  held.resolve();
  await expect(filesOf(other)).toHaveText([/table\.csv.*tokens/]);
});

test('text typed into the settings is kept when the page is left, and changes from elsewhere are shown', async ({
  page,
  rill,
}) => {
  const { id, name } = await onlyProject(page, rill.url);
  await page.goto(`/projects/${id}`);
  const instructions = page.getByRole('textbox', { name: 'Instructions' });
  await instructions.fill('Half a thought');
  await page.getByRole('main').getByRole('link', { name: 'New chat' }).click();
  await expect(new ChatPage(page).composer).toBeVisible();
  await page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
  await expect(instructions).toHaveValue('Half a thought');
  await page.request.patch(`${rill.url}/api/projects/${id}`, { data: { systemPrompt: 'From elsewhere' } });
  await expect(instructions).toHaveValue('From elsewhere');
});

test('chats beyond the first page of the list are loaded on request, and a deleted project closes its page', async ({
  page,
  rill,
}) => {
  const { id, name } = await onlyProject(page, rill.url);
  await addChats(page, rill.url, id, 101);
  await page.goto(`/projects/${id}`);
  const rows = page.getByRole('table', { name: 'Chats' }).getByRole('row');
  const last = page.getByRole('table').getByRole('link', { name: 'Chat 1', exact: true });
  await expect(rows.nth(1)).toContainText('Chat 101');
  await expect(last).toBeHidden();
  await page.getByRole('main').getByRole('button', { name: 'Show older chats' }).press('Enter');
  await expect(last).toBeVisible();
  await expect(rows).toHaveCount(102);

  await page
    .getByRole('main')
    .getByRole('button', { name: `Actions for project ${name}` })
    .click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page).toHaveURL(`${rill.url}/`);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing wrong with it in the ${colorScheme} theme, and a phone shows all of it`, async ({
    page,
    rill,
  }) => {
    await page.emulateMedia({ colorScheme });
    const { id, name } = await onlyProject(page, rill.url);
    await addChats(page, rill.url, id, 3);
    await page.goto(`/projects/${id}`);
    await expect(page.getByRole('table', { name: 'Chats' })).toBeVisible();
    await dropFiles(page, [
      { ...notes, name: `${'a very long name '.repeat(8)}.txt` },
      table,
      { ...notes, name: 'empty.txt', buffer: Buffer.from('') },
    ]);
    await expect(filesOf(page).getByText(/tokens/)).toHaveCount(2);
    await page.getByRole('button', { name: 'Remove table.csv' }).click();
    await expect(page.getByText('It is empty.')).toBeVisible();
    expect(await violationsOf(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await cutOff(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Open sidebar' }).click();
    await page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
    await expect(page.getByRole('navigation')).toBeHidden();
    await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
  });
}
