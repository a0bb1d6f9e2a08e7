import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';

const titles = ['One', 'Two', 'Three', 'Four'];

test('chats are pinned, selected by key, deleted together and restored with one undo, in every tab', async ({
  page,
  context,
  rill,
}) => {
  const projects = await (await page.request.get(`${rill.url}/api/projects`)).json();
  const chatsPath = `${rill.url}/api/projects/${projects.projects[0].id}/chats`;
  for (const title of titles) await page.request.post(chatsPath, { data: { title } });
  const chat = new ChatPage(page);
  await chat.open();
  const other = new ChatPage(await context.newPage());
  await other.open(new URL(page.url()).pathname);
  const sidebar = page.getByRole('navigation', { name: 'Projects and chats' });
  const rows = sidebar.getByRole('listitem').getByRole('link');
  const otherRows = other.page.getByRole('navigation').getByRole('listitem').getByRole('link');
  await page.getByRole('button', { name: 'Actions for chat Two' }).click();
  await page.getByRole('menuitem', { name: 'Pin' }).click();
  await expect(rows).toHaveText(['Two', 'Four', 'Three', 'One']);
  await expect(otherRows).toHaveText(['Two', 'Four', 'Three', 'One']);

  await rows.first().press('Space');
  await rows.first().press('Shift+ArrowDown');
  await rows.nth(1).press('Shift+ArrowDown');
  await expect(page.getByText('3 selected')).toBeVisible();
  await rows.nth(2).press('Delete');
  await expect(page.getByText('3 chats deleted')).toBeVisible();
  await expect(rows).toHaveText(['One']);
  await expect(otherRows).toHaveText(['One']);
  await page.getByRole('button', { name: 'Undo' }).press('Enter');
  await expect(rows).toHaveText(['Two', 'Four', 'Three', 'One']);
  await expect(otherRows).toHaveText(['Two', 'Four', 'Three', 'One']);

  await rows.nth(1).click({ modifiers: ['ControlOrMeta'] });
  await rows.nth(3).click({ modifiers: ['Shift'] });
  await page.getByRole('toolbar').getByRole('button', { name: 'Delete' }).click();
  await expect(rows).toHaveText(['Two']);
  await page.getByRole('button', { name: 'Bin', exact: true }).click();
  const bin = page.getByRole('dialog', { name: 'Bin' });
  await bin.getByRole('button', { name: 'Restore One' }).click();
  await expect(bin.getByRole('listitem')).toHaveCount(2);
  await bin.getByRole('button', { name: 'Empty bin' }).click();
  await bin.getByRole('button', { name: 'Delete 2 chats' }).click();
  await expect(bin.getByText('The bin is empty.')).toBeVisible();
  await bin.getByRole('button', { name: 'Close' }).click();
  await expect(otherRows).toHaveText(['Two', 'One']);
  await other.page.close();
});

test('moving a chat shows whether its instructions change, and an unseen answer has a dot until it is seen', async ({
  page,
  rill,
}) => {
  rill.simulator.nextScript('demo/quick', [{ delta: 'Begun' }, { hold: 'end' }, { delta: ' and ended.' }]);
  const chat = new ChatPage(page);
  await chat.open();
  const { id: otherId } = await (
    await page.request.post(`${rill.url}/api/projects`, { data: { name: 'Letters' } })
  ).json();
  const sidebar = page.getByRole('navigation', { name: 'Projects and chats' });
  await page.getByRole('button', { name: 'Actions for project Letters' }).click();
  await page.getByRole('menuitem', { name: 'Instructions and model' }).click();
  const settings = page.getByRole('dialog', { name: 'Settings of Letters' });
  await settings.getByRole('textbox', { name: 'Instructions' }).fill('Write letters.');
  await settings.getByRole('spinbutton', { name: 'Temperature, 0 to 2' }).fill('0.5');
  await settings.getByRole('button', { name: 'Save' }).click();
  await expect(settings).toBeHidden();

  await chat.send('One');
  await expect(chat.lastAnswer).toContainText('Begun');
  await page.getByRole('button', { name: 'Chat actions' }).click();
  await page.getByRole('menuitem', { name: 'Move to project' }).click();
  const target = page.getByRole('dialog').getByRole('button', { name: /^Letters/ });
  await expect(target).toContainText('Its instructions hold from the next message on.');
  await target.click();
  await expect(page).toHaveURL(new RegExp(`/projects/${otherId}/chats/`));
  await expect(chat.lastAnswer).toContainText('Begun');

  await page.getByRole('button', { name: 'New chat', exact: true }).click();
  rill.simulator.release('end');
  const dot = sidebar.getByRole('img', { name: 'New answer' });
  await expect(dot).toBeVisible();
  await sidebar.getByRole('link', { name: /One/ }).click();
  await expect(chat.lastAnswer).toContainText('Begun and ended.');
  await expect(dot).toBeHidden();
  await chat.send('Two');
  await chat.settled();
  const sent = rill.simulator.requests.filter(({ model }) => model).at(-1)?.body;
  expect(sent).toMatchObject({
    temperature: 0.5,
    messages: [{ role: 'system', content: 'Write letters.' }, {}, {}, {}],
  });
});

test('no row moves under the pointer: the list is sorted once the pointer has left, or a key is pressed', async ({
  page,
  rill,
}) => {
  const projects = await (await page.request.get(`${rill.url}/api/projects`)).json();
  const chatsPath = `${rill.url}/api/projects/${projects.projects[0].id}/chats`;
  const ids: Record<string, string> = {};
  for (const title of titles) {
    const made = await page.request.post(chatsPath, { data: { title } });
    ids[title] = (await made.json()).id;
  }
  const rename = (from: string, title: string) =>
    page.request.patch(`${chatsPath}/${ids[from]}`, { data: { title } });
  const chat = new ChatPage(page);
  await chat.open();
  const sidebar = page.getByRole('navigation', { name: 'Projects and chats' });
  const rows = sidebar.getByRole('listitem').getByRole('link');
  await expect(rows).toHaveText(['Four', 'Three', 'Two', 'One']);
  await rows.nth(2).hover();
  await rename('One', 'First');
  await expect(rows).toHaveText(['Four', 'Three', 'Two', 'First']);
  await page.request.post(chatsPath, { data: { title: 'Five' } });
  await page.request.delete(`${chatsPath}/${ids.Four}`);
  await rename('Three', 'Third');
  await expect(rows).toHaveText(['Four', 'Third', 'Two', 'First']);
  // Selecting with the pointer moves nothing either.
  const before = await rows.nth(2).boundingBox();
  await rows.nth(2).click({ modifiers: ['ControlOrMeta'] });
  await expect(page.getByText('1 selected')).toBeVisible();
  expect(await rows.nth(2).boundingBox()).toEqual(before);
  await page.getByRole('button', { name: 'Clear selection' }).click();
  await expect(rows).toHaveText(['Third', 'Five', 'First', 'Two']);

  await rows.nth(3).hover();
  await rename('Two', 'Second');
  await expect(rows).toHaveText(['Third', 'Five', 'First', 'Second']);
  await page.keyboard.press('x');
  await expect(rows).toHaveText(['Second', 'Third', 'Five', 'First']);
});

test('the palette pins, moves and archives the chat that is open, and no temporary one', async ({
  page,
  rill,
}) => {
  const { projects } = await (await page.request.get(`${rill.url}/api/projects`)).json();
  const made = await page.request.post(`${rill.url}/api/projects/${projects[0].id}/chats`, {
    data: { title: 'Tides' },
  });
  await page.request.post(`${rill.url}/api/projects`, { data: { name: 'Letters' } });
  const chat = new ChatPage(page);
  await chat.open(`/projects/${projects[0].id}/chats/${(await made.json()).id}`);
  const pinned = page.getByRole('region', { name: 'Pinned' });
  const option = (name: string) => page.getByRole('option', { name });
  const type = async (command: string) => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill(command);
  };
  const run = async (command: string) => {
    await type(command);
    await expect(option(command)).toHaveAttribute('aria-selected', 'true');
    await page.keyboard.press('Enter');
  };
  await run('Pin this chat');
  await expect(pinned.getByRole('link', { name: 'Tides' })).toBeVisible();
  await run('Unpin this chat');
  await expect(pinned).toHaveCount(0);
  await run('Move this chat to a project');
  const dialog = page.getByRole('dialog', { name: 'Move chat to a project' });
  await dialog.getByRole('button', { name: /^Letters/ }).press('Enter');
  await expect(page).not.toHaveURL(new RegExp(projects[0].id));
  await run('Archive this chat');
  await expect(page.getByText('1 chat archived')).toBeVisible();
  await run('Take this chat out of the archive');
  await expect(page.getByRole('navigation').getByRole('link', { name: 'Tides' })).toBeVisible();

  await page.keyboard.press('Alt+t');
  await expect(page.getByRole('region', { name: 'Temporary chat' })).toBeVisible();
  await type('this chat');
  await expect(option('Rename this chat')).toBeVisible();
  for (const command of ['Pin this chat', 'Move this chat', 'Archive this chat'])
    await expect(option(command)).toHaveCount(0);
  expect(chat.complaints).toEqual([]);
});

test('a title in Hebrew or Arabic reads from the right in the sidebar, also after a reload', async ({
  page,
  rill,
}) => {
  const { projects } = (await (await fetch(`${rill.url}/api/projects`)).json()) as {
    projects: { id: string }[];
  };
  const titles = ['שלום', 'مرحبا', 'Hello'];
  for (const title of titles)
    await page.request.post(`${rill.url}/api/projects/${projects[0]?.id}/chats`, { data: { title } });
  const chat = new ChatPage(page);
  await chat.open();
  const directionOf = (title: string) =>
    page
      .getByRole('navigation', { name: 'Projects and chats' })
      .getByText(title, { exact: true })
      .evaluate((words) => getComputedStyle(words).direction);
  for (const _ of ['first', 'second']) {
    expect(await Promise.all(titles.map(directionOf))).toEqual(['rtl', 'rtl', 'ltr']);
    await page.reload();
    await chat.composer.waitFor();
  }
});

test('a chat that is deleted right after it was opened is replaced by an empty one', async ({
  page,
  rill,
}) => {
  rill.simulator.script('demo/quick', [{ delta: 'An answer.' }]);
  const chat = new ChatPage(page);
  await chat.open();
  for (const question of ['First', 'Second']) {
    await page.keyboard.press('Control+Shift+o');
    await expect(page).toHaveURL(/\/new$/);
    await chat.send(question);
    await expect(chat.lastAnswer).toContainText('An answer.');
    await chat.settled();
  }
  // Slow enough for the former chat to stay in view.
  const isLeft = Promise.withResolvers<void>();
  await page.route(/\/chats\/[^/]+$/, async (route) => {
    await isLeft.promise;
    await route.continue();
  });
  await page.getByRole('link', { name: 'First' }).click();
  await expect(page.getByRole('link', { name: 'First' })).toHaveAttribute('aria-current', 'page');
  isLeft.resolve();
  await expect(page.getByRole('log')).toContainText('First');
  await page.keyboard.press('Control+Shift+Backspace');
  await expect(page).toHaveURL(/\/new$/);
  await expect(chat.answers).toHaveCount(0);
  await chat.send('Third');
  await expect(chat.lastAnswer).toContainText('An answer.');
});
