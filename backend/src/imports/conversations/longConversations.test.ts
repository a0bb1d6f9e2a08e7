/** Tests that a long conversation is stored in parts, and that it is whole or hidden whatever interrupts it. */
import { buffer } from 'node:stream/consumers';
import { v7 } from 'uuid';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../test/testDatabase.ts';
import type { Database } from '../../database/database.ts';
import { listBranch } from '../../store/messages.ts';
import { localOwnerId } from '../../store/seed.ts';
import { openImports } from './importTestBench.ts';
import { sliceMessages } from './messageIds.ts';

let test: TestDatabase;
beforeEach(async () => {
  test = await openTestDatabase();
});
afterEach(() => test.close());

const count = 1000;
/** Most messages that one transaction stores. */
const partMessages = 250;

const textsTo = (length: number) => Array.from({ length }, (_, index) => `Text ${index}`);
const chainOf = (length: number) => ({
  _id: 'c1',
  title: 'Long',
  messages: textsTo(length).map((content, index) => ({
    id: `m${index}`,
    from: index % 2 === 0 ? 'user' : 'assistant',
    content,
    ancestors: index === 0 ? [] : [`m${index - 1}`],
  })),
});
const short = { _id: 'c2', title: 'Short', messages: [{ id: 'q', from: 'user', content: 'One?' }] };
const exportOf = (...conversations: object[]) => JSON.stringify(conversations);

const chatOf = async (title: string) => {
  const found = await test.database.reader
    .selectFrom('chats')
    .selectAll()
    .where('title', '=', title)
    .executeTakeFirst();
  return found && { ...found, isInBin: found.deleted_at_ms !== null };
};
const countMessages = async () =>
  (await test.database.reader.selectFrom('messages').select('id').execute()).length;
const shownTexts = async (title: string) => {
  const chat = await chatOf(title);
  const branch = await listBranch(test.database.reader, chat?.id ?? '', chat?.active_leaf_id ?? null);
  return branch.map(({ content }) => content);
};

/** Opens imports that call back after each transaction that leaves the chat with other messages, or without them. */
function openWatched(onStored: (messages: number) => Promise<void>) {
  let before = 0;
  const { database }: { readonly database: Database } = test;
  const transaction = (async (...call: Parameters<Database['transaction']>) => {
    const result = await database.transaction(...call);
    const messages = await countMessages();
    if (messages !== before) await onStored(messages);
    before = messages;
    return result;
  }) as Database['transaction'];
  return openImports({ ...test, database: { ...database, transaction } });
}

const breakAt = (messages: number) =>
  openWatched(async (stored) => {
    if (stored >= messages) throw new Error('Interrupted.');
  });

it('is stored in short transactions, in the bin until it is whole, and then shown as it was', async () => {
  const stored: (readonly [messages: number, isInBin: boolean | undefined])[] = [];
  const { run } = await openWatched(async (messages) => {
    stored.push([messages, (await chatOf('Long'))?.isInBin]);
  });
  const { job, items } = await run(exportOf(chainOf(count)));
  expect(job).toMatchObject({ state: 'completed', outcomes: { imported: 1 } });
  expect(stored).toEqual([1, 2, 3, 4].map((part) => [part * partMessages, true]));
  const chat = await chatOf('Long');
  expect(chat?.isInBin).toBe(false);
  expect(items[0]).toMatchObject({ title: 'Long', chatId: chat?.id, projectId: chat?.project_id, notes: [] });
  expect(await shownTexts('Long')).toEqual(textsTo(count));
  expect((await run(exportOf(chainOf(count)))).job.outcomes).toEqual({ unchanged: 1 });
});

it('gets the ids of its messages in slices, between which the server does other work', async () => {
  let [inTurn, most] = [0, 0];
  const { run } = await openImports(test, () => {
    if (inTurn === 0) setImmediate(() => (inTurn = 0));
    inTurn += 1;
    most = Math.max(most, inTurn);
    return v7();
  });
  const slices = 3;
  const { job } = await run(exportOf(chainOf(slices * sliceMessages)));
  expect(job.outcomes).toEqual({ imported: 1 });
  expect(most).toBe(sliceMessages);
});

it('that is imported by another process once its ids are made is not stored twice', async () => {
  let idCount = 0;
  let others: string[] = [];
  const { database }: { readonly database: Database } = test;
  const transaction = (async (...call: Parameters<Database['transaction']>) => {
    if (idCount > count && others.length === 0) {
      const { items } = await (await openImports(test)).run(exportOf(chainOf(count)));
      others = items.map(({ outcome }) => outcome);
    }
    return database.transaction(...call);
  }) as Database['transaction'];
  const { run } = await openImports({ ...test, database: { ...database, transaction } }, () => {
    idCount += 1;
    return v7();
  });
  const { job } = await run(exportOf(chainOf(count)));
  expect([others, job.outcomes]).toEqual([['imported'], { unchanged: 1 }]);
  expect(await countMessages()).toBe(count);
});

it.each([
  ['the same', count],
  ['a later', count + 300],
])(
  'that was interrupted stays in the bin, and %s export completes it without a message twice',
  async (_, length) => {
    const broken = await (await breakAt(2 * partMessages)).run(exportOf(chainOf(count)));
    expect(broken.job.state).toBe('failed');
    expect([await countMessages(), (await chatOf('Long'))?.isInBin]).toEqual([2 * partMessages, true]);
    const { job } = await (await openImports(test)).run(exportOf(chainOf(length)));
    expect(job.outcomes).toEqual({ imported: 1 });
    expect((await chatOf('Long'))?.isInBin).toBe(false);
    expect(await shownTexts('Long')).toEqual(textsTo(length));
    expect(await countMessages()).toBe(length);
  },
);

it('whose later export was interrupted is completed, and messages that were deleted meanwhile stay deleted', async () => {
  await (await openImports(test)).run(exportOf(chainOf(10)));
  await (await breakAt(2 * partMessages)).run(exportOf(chainOf(count)));
  expect(await shownTexts('Long')).toEqual(textsTo(10));
  await test.database.transaction((transaction) =>
    transaction
      .updateTable('messages')
      .set({ deleted_with_id: 'x', deleted_at_ms: 1 })
      .where('content', 'in', textsTo(count).slice(300))
      .execute(),
  );
  const { items } = await (await openImports(test)).run(exportOf(chainOf(count)));
  expect(items[0]).toMatchObject({
    outcome: 'updated',
    notes: [`Messages that follow one that was deleted in Rill: ${count - 2 * partMessages}`],
  });
  expect(await countMessages()).toBe(2 * partMessages);
});

it('that is deleted for good while it is stored is reported, and the next one is stored', async () => {
  const { run } = await openWatched(async (messages) => {
    if (messages === 2 * partMessages)
      await test.database.transaction((transaction) =>
        transaction.deleteFrom('chats').where('title', '=', 'Long').execute(),
      );
  });
  const { job, items } = await run(exportOf(chainOf(count), short));
  expect(job.state).toBe('completed');
  expect(items.map(({ title, outcome, notes }) => [title, outcome, ...notes])).toEqual([
    ['Long', 'skipped', 'Its chat was deleted while it was stored.'],
    ['Short', 'imported'],
  ]);
  expect(await countMessages()).toBe(1);
});

it('with a text that is too long for a message has all of it in files', async () => {
  const text = `${'a'.repeat(4 * 1024 * 1024 - 1)}👋 the end`;
  const { files, run } = await openImports(test);
  const { items } = await run(exportOf({ ...short, messages: [{ id: 'q', from: 'user', content: text }] }));
  expect(items[0]).toMatchObject({
    outcome: 'partial',
    notes: ['text that is too long for a message and is kept as files'],
  });
  const chat = await chatOf('Short');
  const [message] = await listBranch(test.database.reader, chat?.id ?? '', chat?.active_leaf_id ?? null);
  expect(message?.content).toBe('[Too long for a message: it is in the files named Text.]');
  expect(message?.files?.map(({ name }) => name)).toEqual(['Text 1.md', 'Text 2.md']);
  let kept = '';
  for (const { id } of message?.files ?? [])
    kept += String(await buffer((await files.open(localOwnerId, id)).content));
  expect(kept === text).toBe(true);
});
