/** Tests what an import of conversations stores, on a real database. */
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { zipOf } from '../../../test/exportArchive.ts';
import { openTestDatabase, type TestDatabase } from '../../../test/testDatabase.ts';
import { listBranch } from '../../store/messages.ts';
import { listProjects } from '../../store/projects.ts';
import { localOwnerId } from '../../store/seed.ts';
import { answer, conversation, startS, user } from '../products/chatGptTestBench.ts';
import { openImports } from './importTestBench.ts';

let test: TestDatabase;
beforeEach(async () => {
  test = await openTestDatabase();
});
afterEach(() => test.close());

const onePixelPng = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const first = [user('q1', null, 'One?'), answer('a1', 'q1', 'One.')];
const chats = () => test.database.reader.selectFrom('chats').selectAll().orderBy('id').execute();
const messages = () => test.database.reader.selectFrom('messages').selectAll().orderBy('id').execute();
const textsOf = async (chat: { id: string; active_leaf_id: string | null } | undefined) =>
  (await listBranch(test.database.reader, chat?.id ?? '', chat?.active_leaf_id ?? null)).map(
    ({ content }) => content,
  );

describe('an import of conversations', () => {
  it('stores each as a chat with its times, its branches and the one that was shown', async () => {
    const nodes = [...first, answer('a2', 'q1', 'Uno.', { timeS: startS + 5 })];
    const { job, items } = await (await openImports(test)).run(
      JSON.stringify([conversation(nodes, { current_node: 'a1' })]),
    );
    expect(job).toMatchObject({
      state: 'completed',
      product: 'chatgpt',
      count: { items: 1, conversations: 1, messages: 3 },
      outcomes: { imported: 1 },
    });
    const [chat] = await chats();
    expect(items).toEqual([
      {
        key: 'export.json#1',
        title: 'A title',
        outcome: 'imported',
        chatId: chat?.id,
        projectId: chat?.project_id,
        notes: [],
      },
    ]);
    expect(chat).toMatchObject({
      title: 'A title',
      created_at_ms: startS * 1000,
      updated_at_ms: startS * 1000 + 60_500,
      archived_at_ms: null,
    });
    expect(await textsOf(chat)).toEqual(['One?', 'One.']);
    expect((await messages()).map(({ content, created_at_ms }) => [content, created_at_ms])).toEqual([
      ['One?', startS * 1000],
      ['One.', startS * 1000],
      ['Uno.', startS * 1000 + 5000],
    ]);
    const projects = await listProjects(test.database.reader, localOwnerId, { after: null, limit: 10 });
    expect(projects.find(({ id }) => id === chat?.project_id)?.name).toBe('ChatGPT');
  });

  it('reports each that is broken, empty or half understood, and stores the others', async () => {
    const odd = answer('x', 'q1', '', { content: { content_type: 'super_widget' } });
    const list = [
      JSON.stringify(conversation(first, { id: 'c1', conversation_id: 'c1' })),
      '{"mapping": nonsense}',
      JSON.stringify(conversation([], { id: 'c2', conversation_id: 'c2', title: 'Shell' })),
      JSON.stringify(conversation([...first, odd], { id: 'c3', conversation_id: 'c3', title: 'Odd' })),
      '"text"',
      JSON.stringify(conversation([odd], { id: 'c4', conversation_id: 'c4', title: 'Lost' })),
    ];
    const { job, items } = await (await openImports(test)).run(`[${list.join(',')},{"mapping":{"q`);
    expect(job).toMatchObject({ state: 'completed', count: { items: 7, conversations: 2 } });
    expect(items.map(({ key, title, outcome, notes }) => [key, title, outcome, ...notes])).toEqual([
      ['export.json#1', 'A title', 'imported'],
      ['export.json#2', 'export.json#2', 'failed', 'It is not valid JSON.'],
      ['export.json#3', 'Shell', 'skipped', 'It has no message that can be shown.'],
      ['export.json#4', 'Odd', 'partial', 'message of an unknown kind: super_widget'],
      ['export.json#5', 'export.json#5', 'failed', 'It is no conversation that Rill knows.'],
      [
        'export.json#6',
        'Lost',
        'failed',
        'It has no message that can be shown.',
        'message of an unknown kind: super_widget',
      ],
      ['export.json#7', 'export.json#7', 'failed', 'The file ends in the middle of it, or before it.'],
    ]);
    expect(await chats()).toHaveLength(2);
  });

  it.each<[string, string]>([
    ['without a message that can be read', JSON.stringify([conversation([])])],
    ['of something else', JSON.stringify([{ uuid: 'a', full_name: 'b' }])],
    ['that is no JSON', 'Hello'],
    ['that is empty', ''],
  ])('%s fails with a sentence and stores nothing', async (_, body) => {
    const { job } = await (await openImports(test)).run(body);
    expect(job.state).toBe('failed');
    expect(job.problem).toMatch(/^(Not one conversation|This is no archive)/);
    expect(await chats()).toEqual([]);
  });

  it('puts chats of one project of the product together, also those of a later export', async () => {
    const imports = await openImports(test);
    const inProject = (id: string, project: string | null) =>
      JSON.stringify(conversation(first, { id, conversation_id: id, gizmo_id: project }));
    await imports.run(
      `[${inProject('c1', 'g-p-67ab')},${inProject('c2', null)},${inProject('c3', 'g-p-67ab')}]`,
    );
    await imports.run(
      `[${inProject('c1', 'g-p-67ab')},${inProject('c4', 'g-p-67ab')},${inProject('c5', 'g-p-99')}]`,
    );
    const projects = await listProjects(test.database.reader, localOwnerId, { after: null, limit: 10 });
    const names = (await chats()).map(({ project_id }) => projects.find(({ id }) => id === project_id)?.name);
    expect(names).toEqual([
      'ChatGPT project 67ab',
      'ChatGPT',
      'ChatGPT project 67ab',
      'ChatGPT project 67ab',
      'ChatGPT project 99',
    ]);
    expect(projects.filter(({ name }) => name.startsWith('ChatGPT project'))).toHaveLength(2);
  });

  it('keeps what the model was not sent out of the context', async () => {
    const nodes = [user('q1', null, 'One?'), answer('a1', 'q1', 'Half', { more: { weight: 0 } })];
    await (await openImports(test)).run(JSON.stringify([conversation(nodes)]));
    expect((await messages()).map(({ content, context_mark }) => [content, context_mark])).toEqual([
      ['One?', null],
      ['Half', 'kept-out'],
    ]);
  });

  it('adds nothing the second time', async () => {
    const imports = await openImports(test);
    const body = JSON.stringify([conversation(first)]);
    await imports.run(body);
    const before = [await chats(), await messages()];
    const { job } = await imports.run(body);
    expect(job.outcomes).toEqual({ unchanged: 1 });
    expect([await chats(), await messages()]).toEqual(before);
  });

  it('adds what is new of one that was imported before, and shows it', async () => {
    const imports = await openImports(test);
    await imports.run(JSON.stringify([conversation(first)]));
    const more = [
      ...first,
      user('q2', 'a1', 'Two?'),
      answer('a2', 'q2', 'Two.'),
      user('q1b', null, 'Other?'),
    ];
    const { job, items } = await imports.run(
      JSON.stringify([
        conversation(more, { title: 'Renamed', current_node: 'a2', update_time: startS + 99 }),
      ]),
    );
    expect(job.outcomes).toEqual({ updated: 1 });
    expect(items[0]?.title).toBe('Renamed');
    const [chat, ...others] = await chats();
    expect(others).toEqual([]);
    expect(chat).toMatchObject({ title: 'Renamed', updated_at_ms: (startS + 99) * 1000 });
    expect(await textsOf(chat)).toEqual(['One?', 'One.', 'Two?', 'Two.']);
    expect(await messages()).toHaveLength(5);
  });

  it('undoes nothing that was done in Rill since', async () => {
    const imports = await openImports(test);
    const shown = [...first, user('q2', 'a1', 'Two?')];
    await imports.run(JSON.stringify([conversation(shown)]));
    const [chat] = await chats();
    const [one] = await messages();
    await test.database.transaction(async (transaction) => {
      await transaction
        .updateTable('chats')
        .set({ title: 'Mine', active_leaf_id: one?.id ?? null })
        .execute();
      await transaction
        .updateTable('messages')
        .set({ deleted_with_id: 'x', deleted_at_ms: 1 })
        .where('content', '=', 'Two?')
        .execute();
    });
    const more = [...shown, answer('a2', 'q2', 'Two.'), answer('a1b', 'q1', 'Uno.')];
    const { items } = await imports.run(JSON.stringify([conversation(more, { title: 'Renamed' })]));
    expect(items[0]).toMatchObject({
      title: 'Mine',
      outcome: 'updated',
      notes: ['Messages that follow one that was deleted in Rill: 1'],
    });
    expect(await chats()).toMatchObject([{ id: chat?.id, title: 'Mine', active_leaf_id: one?.id }]);
    expect((await messages()).map(({ content }) => content)).toEqual(['One?', 'One.', 'Two?', 'Uno.']);
  });

  it('does not change a chat in the bin, and imports a deleted one again', async () => {
    const imports = await openImports(test);
    await imports.run(JSON.stringify([conversation(first)]));
    await test.database.transaction((transaction) =>
      transaction.updateTable('chats').set({ deleted_at_ms: 1 }).execute(),
    );
    const more = JSON.stringify([conversation([...first, user('q2', 'a1', 'Two?')])]);
    const binned = await imports.run(more);
    expect(binned.items[0]).toMatchObject({
      outcome: 'unchanged',
      notes: ['It is in the bin, and stays as it is there.'],
    });
    await test.database.transaction((transaction) => transaction.deleteFrom('chats').execute());
    const again = await imports.run(more);
    expect(again.job.outcomes).toEqual({ imported: 1 });
    expect(await messages()).toHaveLength(3);
  });

  it('names chats without a title after their first question, and believes no time to come', async () => {
    const nodes = [user('q1', null, '# What is it?\nMore', { timeS: 32_503_680_000 })];
    await (await openImports(test)).run(
      JSON.stringify(conversation(nodes, { title: '', update_time: 32_503_680_000 })),
    );
    const [chat] = await chats();
    expect(chat?.title).toBe('What is it?');
    expect(Number(chat?.updated_at_ms)).toBeLessThanOrEqual(Date.now());
  });

  it('stores files and pictures, and reports those that are missing or cannot be stored', async () => {
    const picture = { content_type: 'image_asset_pointer', asset_pointer: 'sediment://file_0a' };
    const parts = (...list: unknown[]) => ({ content_type: 'multimodal_text', parts: list });
    const nodes = [
      user('q1', null, '', {
        content: parts('See', { ...picture, asset_pointer: 'file-service://file-Gone' }),
        metadata: {
          attachments: [
            { id: 'file-Text', name: '../notes.txt' },
            { id: 'file-Exe', name: 'a.exe' },
          ],
        },
      }),
      answer('t1', 'q1', '', { role: 'tool', content: parts(picture) }),
      answer('a1', 't1', 'Here.'),
    ];
    const { files, run } = await openImports(test);
    const zip = await zipOf({
      'conversations.json': JSON.stringify([conversation(nodes)]),
      'file-Text-notes.txt': 'Some text',
      'file-Exe-a.exe': Buffer.from([77, 90, 0, 1, 2]),
      'file_0a-picture.png': onePixelPng,
      'file_0abc-other.txt': 'Other',
    });
    const { job, items } = await run(zip);
    expect(job).toMatchObject({ count: { files: 4 }, outcomes: { partial: 1 } });
    expect(items[0]?.notes).toEqual([
      'file that the export does not have',
      expect.stringContaining('file that cannot be kept: '),
    ]);
    const [chat] = await chats();
    const [question, reply] = await listBranch(
      test.database.reader,
      chat?.id ?? '',
      chat?.active_leaf_id ?? null,
    );
    expect(question?.content).toBe('See\n\n[File not imported: file-Gone]\n\n[File not imported: a.exe]');
    expect(question?.files?.map(({ name }) => name)).toEqual(['.._notes.txt']);
    const [image] = reply?.images ?? [];
    expect(reply).toMatchObject({
      content: 'Here.',
      images: [{ mediaType: 'image/png', width: 1, height: 1 }],
    });
    expect(image?.url).toBe(`/api/files/${image?.fileId}/content`);
    const { reference, content } = await files.open(localOwnerId, image?.fileId ?? '');
    expect(reference.name).toBe('picture.png');
    expect(await buffer(content)).toEqual(onePixelPng);
    // What messages have is not cleaned up with what was never sent.
    const uses = await test.database.reader.selectFrom('file_uses').select('file_id').execute();
    expect(uses.map(({ file_id }) => file_id).sort()).toEqual(
      [question?.files?.[0]?.id, image?.fileId].sort(),
    );
    expect((await run(zip)).job.outcomes).toEqual({ unchanged: 1 });
    expect(await test.database.reader.selectFrom('files').select('id').execute()).toHaveLength(2);
  });
});
