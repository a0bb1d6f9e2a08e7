/**
 * Tests an older copy of the database that is restored under open tabs: they show its content, and keep all unsent
 * text.
 */
import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';

async function copyDatabase(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await databaseFiles(to)) await rm(join(to, name));
  for (const name of await databaseFiles(from)) await cp(join(from, name), join(to, name));
}

async function databaseFiles(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => /^rill\.sqlite(-wal|-shm)?$/.test(name));
}

test('tabs under which an older database is restored show its content, and keep unsent text', async ({
  page,
  context,
  rill,
}, testInfo) => {
  const backup = testInfo.outputPath('backup');
  const one = new ChatPage(page);
  await one.open();
  await one.send('What are tides?');
  await one.settled();
  const address = page.url();
  await rill.kill9();
  await copyDatabase(rill.dataDirectory, backup);
  await rill.restart();

  await one.send('And why twice a day?');
  await expect(one.answers).toHaveCount(2);
  await one.settled();
  await one.composer.fill('Draft of the older chat');
  const two = new ChatPage(await context.newPage());
  await two.open(address.replace(/\/chats\/.*/, '/new'));
  await two.send('Why is the sky blue?');
  await two.settled();
  await two.composer.fill('Draft of the chat that goes');
  await expect(page.getByRole('link', { name: /Why is the sky blue/ })).toBeVisible();

  await rill.kill9();
  await copyDatabase(backup, rill.dataDirectory);
  await rill.restart();
  for (const tab of [page, two.page]) {
    await expect(tab.getByRole('link', { name: /Why is the sky blue/ })).toHaveCount(0, { timeout: 30_000 });
  }

  await expect(page.getByText('And why twice a day?')).toHaveCount(0);
  await expect(one.answers).toHaveCount(1);
  await expect(one.composer).toHaveValue('Draft of the older chat');
  await one.composer.press('Enter');
  await expect(one.answers).toHaveCount(2);

  await expect(two.page.getByRole('heading', { name: 'This chat does not exist' })).toBeVisible();
  await expect(two.composer).toHaveCount(0);
  await two.page.getByRole('button', { name: 'Move it to a new chat' }).click();
  await expect(two.composer).toHaveValue('Draft of the chat that goes');
  await two.composer.press('Enter');
  await expect(two.answers).toHaveCount(1);
  await two.settled();
  await expect(page.getByRole('link', { name: /Draft of the chat that goes/ })).toBeVisible();
});
