/** Tests that exports of every product are found in whatever form their archive has. */
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { openTestDatabase, type TestDatabase } from '../../../test/testDatabase.ts';
import { openImports } from './importTestBench.ts';
import { products } from './productTestBench.ts';

let test: TestDatabase;
beforeEach(async () => {
  test = await openTestDatabase();
});
afterEach(() => test.close());

interface ZipForm {
  readonly isZip64?: boolean;
  readonly isStored?: boolean;
}

function zip(
  files: Readonly<Record<string, string | Buffer>>,
  { isZip64, isStored }: ZipForm = {},
): Promise<Buffer> {
  const archive = new ZipFile();
  const forceZip64Format = isZip64 === true;
  for (const [name, content] of Object.entries(files))
    archive.addBuffer(Buffer.from(content), name, { forceZip64Format, compress: isStored !== true });
  archive.end({ forceZip64Format, comment: '' });
  return buffer(archive.outputStream);
}

/** What an archive can be like, made of the texts of two conversations. */
const forms: Readonly<Record<string, (first: string, second: string) => Promise<Buffer>>> = {
  'a ZIP64 archive': (first, second) =>
    zip({ 'conversations.json': `[${first},${second}]` }, { isZip64: true }),
  'an archive that is not compressed': (first, second) =>
    zip({ 'conversations.json': `[${first},${second}]` }, { isStored: true }),
  'an archive with everything in a folder of a folder': (first, second) =>
    zip({
      'My export (1)/data/conversations.json': `[${first},${second}]`,
      'My export (1)/data/user.json': '{"id":"u","email":"a@example.com"}',
      '__MACOSX/My export (1)/data/._conversations.json': 'x',
    }),
  'an archive of split files': (first, second) =>
    zip({
      'conversations-000.json': `[${first}]`,
      'conversations-001.json': `[${second}]`,
      'conversations.json.index': '{}',
      'users.json': '[{"uuid":"u","full_name":"A"}]',
    }),
  'an archive with a file for each conversation': (first, second) =>
    zip({ 'First.json': first, 'Second.json': second }),
  'archives in a ZIP64 archive': async (first, second) =>
    zip(
      {
        'part1of2.zip': await zip({ 'a/conversations.json': `[${first}]` }),
        'part2of2.zip': await zip({ 'a/conversations.json': `[${second}]` }),
      },
      { isZip64: true },
    ),
};

describe.each(Object.entries(products))('an export of %s', (product, make) => {
  it.each(Object.entries(forms))('in %s has all of its conversations', async (_, archive) => {
    const [first, second] = ['First', 'Second'].map((name) => JSON.stringify(make(name)));
    const { job, items } = await (await openImports(test)).run(await archive(first ?? '', second ?? ''));
    expect(job).toMatchObject({ state: 'completed', product, outcomes: { imported: 2 } });
    const stored = items.filter(({ outcome }) => outcome !== 'skipped');
    expect(stored.map(({ title, notes }) => [title, ...notes])).toEqual([['First'], ['Second']]);
    const messages = await test.database.reader
      .selectFrom('messages')
      .select('content')
      .orderBy('id')
      .execute();
    expect(messages.map(({ content }) => content)).toEqual(['First?', 'First.', 'Second?', 'Second.']);
  });
});

it('names each JSON file of an export that is not imported, and what it is', async () => {
  const archive = await zip({
    'conversations.json': JSON.stringify([products.claude?.('First')]),
    'users.json': '[{"uuid":"u"}]',
    'projects/3f2a.json': '{"uuid":"p","name":"Garden","docs":[]}',
    'memories.json': '[{"conversations_memory":"likes tea"}]',
    'sketches.json': '[{"is":"new in this export"}]',
    'broken.json': '{"half":',
  });
  const { job, items } = await (await openImports(test)).run(archive);
  expect(job).toMatchObject({ state: 'completed', doneItems: 6, count: { items: 6, conversations: 1 } });
  expect(items.map(({ key, outcome, notes }) => [key, outcome, ...notes])).toEqual([
    ['conversations.json#1', 'imported'],
    ['users.json', 'skipped', 'The account: not imported.'],
    ['projects/3f2a.json', 'skipped', 'A project with its instructions and documents: not imported.'],
    ['memories.json', 'skipped', 'What the product remembers of you: not imported.'],
    ['sketches.json', 'failed', 'Rill found no conversation in it.'],
    ['broken.json', 'failed', 'Rill found no conversation in it.'],
  ]);
});
