/**
 * Shows everything around the chat: sidebar, menus, dialogs, search, project page, settings, and the page without its
 * server.
 */
import {
  call,
  close,
  firstProject,
  makeChat,
  openSidebar,
  run,
  type Screens,
  type Stage,
} from './screenStage.ts';

const titles = [
  'Plan a week in Lisbon',
  'Why is the sky blue?',
  'A regular expression for ISO dates, with and without a time, and what it leaves out',
  'Tides',
  'خطة لأسبوع في القاهرة',
];

async function openMenuOf(stage: Stage, chat: string): Promise<void> {
  await stage.page
    .getByRole('button', { name: `Actions for chat ${chat}` })
    .first()
    .click();
  await stage.page.getByRole('menu').waitFor();
}

const choose = ({ page }: Stage, item: string) =>
  page.getByRole('menuitem', { name: item, exact: true }).click();

export const pageScreens: Screens = {
  sidebar: async (stage) => {
    const project = await firstProject(stage);
    await call(stage, '/projects', { name: 'Letters' });
    for (const title of titles)
      await makeChat(stage, project.id, title, `About ${title}: the tide comes twice a day.`);
    await stage.chat.open();
    await openSidebar(stage);
    await openMenuOf(stage, 'Tides');
    await choose(stage, 'Pin');
    await stage.page.getByRole('region', { name: 'Pinned' }).waitFor();
  },
  'sidebar-menu': async (stage) => openMenuOf(stage, 'Tides'),
  selection: async (stage) => {
    await choose(stage, 'Select');
    await stage.page.getByText('1 selected').waitFor();
  },
  'move-dialog': async (stage) => {
    await stage.page.getByRole('navigation').getByRole('link', { name: 'Tides' }).press('Escape');
    await openMenuOf(stage, 'Tides');
    await choose(stage, 'Move to project');
    await stage.page.getByRole('dialog', { name: 'Move chat to a project' }).waitFor();
  },
  'rename-dialog': async (stage) => {
    await stage.page.getByRole('dialog').last().getByRole('button', { name: 'Close' }).click();
    await openMenuOf(stage, 'Tides');
    await choose(stage, 'Rename');
    await stage.page.getByRole('dialog', { name: 'Rename chat' }).waitFor();
  },
  'deleted-toast': async (stage) => {
    await stage.page.getByRole('dialog').last().getByRole('button', { name: 'Cancel' }).click();
    await openMenuOf(stage, 'Why is the sky blue?');
    await choose(stage, 'Delete');
    await stage.page.getByRole('button', { name: 'Undo' }).waitFor();
  },
  bin: async ({ page }) => {
    await page.getByRole('button', { name: 'Bin', exact: true }).click();
    await page.getByRole('dialog', { name: 'Bin' }).getByRole('listitem').first().waitFor();
  },
  'new-project-dialog': async (stage) => {
    const { page } = stage;
    await page.getByRole('dialog', { name: 'Bin' }).getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'New project' }).click();
    await page.getByRole('dialog', { name: 'New project' }).waitFor();
  },
  'sidebar-closed': async (stage) => {
    const { page } = stage;
    await page.getByRole('dialog').last().getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Close sidebar' }).click();
    await page.getByRole('button', { name: 'Open sidebar' }).waitFor();
  },
  palette: async ({ page }) => {
    await page.keyboard.press('Control+k');
    await page.getByRole('option').first().waitFor();
  },
  search: async ({ page }) => {
    await page.getByRole('combobox').fill('twice a day');
    await page.getByRole('group', { name: 'Messages' }).getByRole('option').first().waitFor();
  },
  'search-nothing': async ({ page }) => {
    await page.getByRole('combobox').fill('zzzzqqq');
    await page.getByText('Nothing found.').waitFor();
  },
  help: async (stage) => {
    const { page } = stage;
    await close(stage);
    await page.keyboard.press('Control+/');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  },
  'reading-dialog': async (stage) => {
    await close(stage);
    await run(stage, 'Width and size of the text');
    await stage.page.getByRole('dialog', { name: 'Reading' }).waitFor();
  },
  'project-page': async (stage) => {
    const { page } = stage;
    await close(stage);
    await page.goto(`/projects/${(await firstProject(stage)).id}`);
    await page.getByRole('table', { name: 'Chats' }).waitFor();
  },
  'settings-appearance': async ({ page }) => {
    await page.goto('/settings');
    await page.getByRole('heading', { name: 'Appearance' }).waitFor();
  },
  'settings-shortcuts': async ({ page }) => {
    await page.getByRole('link', { name: 'Shortcuts' }).click();
    await page.getByRole('checkbox', { name: 'Use shortcuts' }).waitFor();
  },
  'settings-data': async ({ page }) => {
    await page.getByRole('link', { name: 'Data' }).click();
    await page.getByRole('button', { name: 'Open bin' }).waitFor();
  },
  missing: async ({ page }) => {
    await page.goto('/nothing/here');
    await page.getByRole('heading', { name: /nothing at this address/ }).waitFor();
  },
  'missing-chat': async (stage) => {
    const { page } = stage;
    await page.goto(`/projects/${(await firstProject(stage)).id}/chats/0199a1b2-0000-7000-8000-000000000001`);
    await page.getByRole('heading', { name: 'This chat does not exist' }).waitFor();
  },
  'server-lost': async ({ page, chat, rill }) => {
    await chat.open();
    await page.evaluate(() => navigator.serviceWorker.ready);
    await rill.kill9();
    await page.getByText('The server cannot be reached. Trying again.').first().waitFor();
  },
  offline: async ({ page }) => {
    await page.reload();
    await page.getByText('You are offline').first().waitFor();
  },
};
