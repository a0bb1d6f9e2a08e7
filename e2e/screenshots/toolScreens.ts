/** Shows what a chat uses and produces: files, pictures, the web, prompts, parameters, exports, imports, usage. */
import type { Page } from '@playwright/test';
import { exaSearch } from '@rill/simulator';
import { sampleConversation, zipOf } from '../../backend/test/exportArchive.ts';
import { dropFiles } from '../support/dropFiles.ts';
import { call, close, firstProject, model, type Screens, type Stage, send } from './screenStage.ts';

const table = `city,count\n${'Göttingen,118911\n'.repeat(40)}`;
const letter = 'Write about {{topic}} for {{reader}}, in {{count}} words.';

/** A drawn picture as a data URL. */
const drawPicture = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [960, 640];
    const context = canvas.getContext('2d');
    if (!context) throw new Error('There is no canvas.');
    const sky = context.createLinearGradient(0, 0, 0, 640);
    sky.addColorStop(0, '#1d4e7a');
    sky.addColorStop(0.6, '#e8b37a');
    sky.addColorStop(0.61, '#12394a');
    sky.addColorStop(1, '#0b1f2b');
    context.fillStyle = sky;
    context.fillRect(0, 0, 960, 640);
    return canvas.toDataURL('image/png');
  });

const bytesOf = (dataUrl: string) => Buffer.from(dataUrl.split(',')[1] ?? '', 'base64');

async function chooseModel(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: /^Model:/ }).click();
  await page.getByRole('combobox', { name: 'Search models' }).fill(name);
  await page.getByRole('combobox', { name: 'Search models' }).press('Enter');
}

async function openExport({ page }: Stage): Promise<void> {
  await page.getByRole('button', { name: 'Chat actions' }).click();
  await page.getByRole('menuitem', { name: 'Export' }).click();
  await page.getByRole('dialog', { name: 'Export chat' }).waitFor();
}

async function openSection(page: Page, id: string, title: string): Promise<void> {
  await page.goto(`/settings/${id}`);
  await page.getByRole('region', { name: title, exact: true }).waitFor();
}

export const toolScreens: Screens = {
  'files-attached': async ({ page, chat }) => {
    await chat.open();
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Add to message' }).click();
    await page.getByRole('menuitem', { name: 'Attach files…' }).click();
    await (await chooser).setFiles([
      { name: 'table.csv', mimeType: 'text/csv', buffer: Buffer.from(table) },
      {
        name: 'a-file-with-a-name-that-is-far-too-long-for-its-chip.txt',
        mimeType: 'text/plain',
        buffer: Buffer.from('Notes.'),
      },
      { name: 'harbour.png', mimeType: 'image/png', buffer: bytesOf(await drawPicture(page)) },
    ]);
    await page.getByText(/cannot see pictures/).waitFor();
  },
  'files-sent': async (stage) => {
    const { page, chat } = stage;
    await chooseModel(page, 'echo');
    await send(stage, 'What do these files say?');
    await chat.settled();
  },
  'picture-made': async (stage) => {
    const { page, chat, rill } = stage;
    const url = await drawPicture(page);
    rill.simulator.nextScript('demo/echo', [
      { delta: 'Here is the harbour at dusk.' },
      { images: [{ type: 'image_url', image_url: { url } }] },
    ]);
    await send(stage, 'Draw the harbour at dusk.');
    await page
      .getByRole('button', { name: /picture/i })
      .last()
      .waitFor();
    await chat.settled();
  },
  'picture-large': async ({ page, chat }) => {
    await chat.lastAnswer.locator('figure').getByRole('button').first().click();
    await page.getByRole('dialog').locator('img').waitFor();
  },
  'web-search-on': async (stage) => {
    await close(stage);
    await stage.chat.open(`/projects/${(await firstProject(stage)).id}/new`);
    await stage.page.getByRole('button', { name: 'Web search' }).click();
    await stage.page.getByText(/third parties see/).waitFor();
  },
  'web-sources': async (stage) => {
    const { page, chat, rill } = stage;
    rill.simulator.nextScript(model, [...exaSearch('High water comes twice a day.')]);
    await chooseModel(page, model);
    await send(stage, 'When is high water?');
    await chat.settled();
    await page.getByText(/^Sources: /).click();
    await chat.lastAnswer.locator('.sources li').first().waitFor();
  },
  'prompt-list': async (stage) => {
    const { page, chat } = stage;
    for (const [name, content] of Object.entries({
      Letter: letter,
      Translate: 'Translate this into plain English.',
      'A prompt with a name that is long enough to be cut on every screen': 'Short.',
    }))
      await call(stage, '/prompts', { name, content });
    await chat.composer.focus();
    await page.keyboard.type('/');
    await page.getByRole('listbox', { name: 'Saved prompts' }).getByRole('option').first().waitFor();
  },
  parameters: async ({ page }) => {
    await page.keyboard.press('Escape');
    await page.locator('#parameters-button').click();
    await page.getByRole('dialog').last().waitFor();
  },
  'export-dialog': async (stage) => {
    await close(stage);
    await openExport(stage);
  },
  'settings-prompts': async ({ page }) => openSection(page, 'prompts', 'Prompts'),
  'settings-provider': async ({ page }) => {
    await page.goto('/settings/provider');
    await page.getByRole('main').getByRole('textbox').first().waitFor();
  },
  'settings-keys': async ({ page }) => {
    await page.goto('/settings/keys');
    await page.getByRole('main').getByRole('heading').first().waitFor();
  },
  'settings-defaults': async ({ page }) => {
    await page.goto('/settings/defaults');
    await page.getByRole('main').getByRole('heading').first().waitFor();
  },
  'import-counted': async ({ page }) => {
    await openSection(page, 'data', 'Import');
    const conversations = Array.from({ length: 12 }, (_, number) =>
      JSON.stringify(sampleConversation(number, 2, (turn) => `Answer ${turn}`)),
    );
    const chooser = page.waitForEvent('filechooser');
    await page
      .getByRole('region', { name: 'Import' })
      .getByRole('button', { name: 'Choose a file…' })
      .click();
    await (await chooser).setFiles({
      name: 'export.zip',
      mimeType: 'application/zip',
      buffer: await zipOf({
        'conversations-000.json': `[${conversations.join(',')}]`,
        'conversations-001.json': '[{"id":"broken","mapping":{oops}}]',
        'user.json': '{"id":"user"}',
      }),
    });
    await page.getByText(/ChatGPT has 12 conversations/).waitFor();
  },
  'import-done': async ({ page }) => {
    await page.getByRole('button', { name: 'Import 12 conversations' }).click();
    await page.getByText(/The import is done/).waitFor();
    await page.getByRole('list', { name: 'Report' }).scrollIntoViewIfNeeded();
  },
  usage: async ({ page }) => {
    await page.goto('/usage');
    await page.locator('.usage-plot canvas').waitFor();
  },
  'usage-budget': async ({ page }) => {
    const field = page.getByRole('textbox', { name: 'US dollars a month for all projects' });
    await field.fill('0.0001');
    await field.press('Enter');
    await page
      .getByText(/used until/)
      .first()
      .waitFor();
    await field.scrollIntoViewIfNeeded();
  },
  'project-files': async (stage) => {
    const { page } = stage;
    await page.goto(`/projects/${(await firstProject(stage)).id}`);
    await page.getByRole('table', { name: 'Chats' }).waitFor();
    await dropFiles(page, [{ name: 'table.csv', mimeType: 'text/csv', buffer: Buffer.from(table) }]);
    await page.getByText('table.csv').first().scrollIntoViewIfNeeded();
  },
};
