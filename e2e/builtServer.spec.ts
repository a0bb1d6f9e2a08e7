/** Tests the bundle that `npm start` runs: the parts that it loads on demand, or finds next to itself. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';

const dist = fileURLToPath(new URL('../backend/dist/', import.meta.url));

test('the built server describes its API', async ({ rill }) => {
  const description = await (await fetch(`${rill.url}/api/openapi.json`)).json();
  expect(Object.keys(description.paths)).toContain('/api/projects');
});

test('the built server has every file that it starts next to itself', () => {
  const code = readdirSync(dist).filter((name) => name.endsWith('.cjs'));
  const started = code.flatMap((name) =>
    [...readFileSync(join(dist, name), 'utf8').matchAll(/new URL\("(\.\/[^"]+\.cjs)"/g)].map(
      ([, path = '']) => path,
    ),
  );
  expect(started).toContain('./checkpointWorker.cjs');
  expect(started.filter((path) => !existsSync(join(dist, path)))).toEqual([]);
});

for (const [worker, needed] of [
  ['checkpointWorker', 'filesRecord'],
  ['searchWorker', 'trigrams'],
  ['readingWorker', 'cutChat'],
] as const)
  test(`the built ${worker} loads no second server`, () => {
    const loaded = new Set<string>();
    const load = (path: string) => {
      if (loaded.has(path)) return;
      loaded.add(path);
      for (const [, next = ''] of readFileSync(join(dist, path), 'utf8').matchAll(
        /require\("(\.\/[^"]+\.cjs)"\)/g,
      ))
        load(next);
    };
    load(`./${worker}.cjs`);
    expect([...loaded]).toContain(`./${needed}.cjs`);
    expect([...loaded]).not.toContain('./main.cjs');
  });

test.describe('without a key', () => {
  test.use({ rillOptions: { environment: { OPENROUTER_API_KEY: '', OPENROUTER_BASE_URL: '' } } });

  test('the built server answers from its simulator', async ({ page, rill }) => {
    const chat = new ChatPage(page);
    await chat.open();
    await chat.send('Hello');
    await expect(chat.answers).toHaveCount(1);
    await chat.settled();
    expect(rill.output()).toContain('answers come from the built-in simulator');
  });
});
