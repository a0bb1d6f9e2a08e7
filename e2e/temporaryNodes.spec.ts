/** A temporary chat in two tabs, each at another node of one Postgres: both show it live, and the database has nothing of it. */
import { execFileSync } from 'node:child_process';
import process from 'node:process';
import { test as base, expect, type Page } from '@playwright/test';
import { hasPostgres, postgresProgram, startPostgres } from '../backend/test/postgres/postgresServer.ts';
import { ChatPage } from './support/chatPage.ts';
import { type Rill, startRill } from './support/startRill.ts';

const asked = 'quince-in-the-question';
const answered = 'medlar-in-the-answer';
const marks = /quince-in-the-question|medlar-in-the-answer/;
const databaseName = 'rill';

interface TwoNodes {
  readonly here: Rill;
  readonly there: Rill;
  readonly databaseUrl: string;
}

const test = base.extend<{ nodes: TwoNodes }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from it.
  nodes: async ({}, use) => {
    const postgres = await startPostgres();
    await postgres.query(`CREATE DATABASE ${databaseName}`);
    const databaseUrl = postgres.url(databaseName);
    const here = await startRill({ environment: { DATABASE_URL: databaseUrl } });
    const shared = { RILL_DATA_DIR: here.dataDirectory, OPENROUTER_BASE_URL: here.simulator.url };
    const there = await startRill({ environment: { DATABASE_URL: databaseUrl, ...shared } });
    await use({ here, there, databaseUrl });
    await there.stop();
    await here.stop();
    await postgres.close();
  },
  baseURL: async ({ nodes }, use) => use(nodes.here.url),
});

const bar = (page: Page) => page.getByRole('region', { name: 'Temporary chat' });

if (hasPostgres)
  test('a temporary chat that is open at two nodes streams in both, outlives reloads, and leaves nothing', async ({
    page,
    context,
    nodes: { here, there, databaseUrl },
  }) => {
    const dumped = () =>
      execFileSync(postgresProgram('pg_dump'), [databaseUrl], { encoding: 'utf8', maxBuffer: 2 ** 28 });
    const first = new ChatPage(page);
    await first.open();
    await page.keyboard.press('Alt+t');
    await expect(bar(page)).toBeVisible();
    await expect(first.composer).toBeFocused();
    here.simulator.nextScript(
      'demo/quick',
      [{ delta: `The ${answered}` }, { hold: 'more' }, { delta: ' is here.' }],
      [{ delta: `Another ${answered}` }, { hold: 'rest' }, { delta: ' is there.' }],
    );
    await page.keyboard.type(`About ${asked}`);
    await page.keyboard.press('Enter');
    await expect(first.lastAnswer).toContainText(`The ${answered}`);

    const address = new URL(page.url()).pathname;
    const other = await context.newPage();
    const second = new ChatPage(other);
    await other.goto(there.url + address);
    await expect(second.lastAnswer).toContainText(`The ${answered}`);
    await expect(bar(other)).toBeVisible();
    await other.reload();
    await expect(second.lastAnswer).toContainText(`The ${answered}`);
    here.simulator.release('more');
    for (const chat of [first, second]) {
      await expect(chat.lastAnswer).toContainText(`The ${answered} is here.`);
      await chat.settled();
    }

    // What is sent at the node that does not keep it is shown at the one that does, while it is written.
    await second.send(`More ${asked}`);
    for (const chat of [second, first]) await expect(chat.lastAnswer).toContainText(`Another ${answered}`);
    await page.reload();
    await expect(first.lastAnswer).toContainText(`Another ${answered}`);
    here.simulator.release('rest');
    for (const chat of [first, second]) {
      await expect(chat.lastAnswer).toContainText(`Another ${answered} is there.`);
      await chat.settled();
    }
    expect(dumped()).not.toMatch(marks);

    await bar(page).getByRole('button', { name: 'Close' }).press('Enter');
    await expect(bar(page)).toBeHidden();
    for (const { url } of [here, there]) {
      const { projects } = await (await page.request.get(`${url}/api/projects`)).json();
      const chatId = address.split('/').at(-1);
      const gone = await page.request.get(`${url}/api/projects/${projects[0].id}/chats/${chatId}`);
      expect(gone.status()).toBe(404);
    }
    expect(dumped()).not.toMatch(marks);
    expect(here.output() + there.output()).not.toMatch(marks);
    // That it would be found.
    const { projects } = await (await page.request.get(`${there.url}/api/projects`)).json();
    await page.request.post(`${there.url}/api/projects/${projects[0].id}/chats`, { data: { title: asked } });
    expect(dumped()).toMatch(marks);
  });
else
  test('a temporary chat at two nodes needs PostgreSQL', () => {
    if (process.env.RILL_NEEDS_POSTGRES) throw new Error('PostgreSQL is needed and not installed.');
  });
