import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestDatabase, storeChat, storeRun, type TestDatabase } from '../../test/testDatabase.ts';
import { getChat, listChats, titleFromContent, updateChat } from './chats.ts';
import { localOwnerId } from './firstRows.ts';

describe('the title of a chat', () => {
  it.each([
    ['the first line', 'Hello\nworld', 'Hello'],
    ['the first line that has text', '\r\n \n  Hello  \r\nworld', 'Hello'],
    ['a line without its markdown marks', '## > - Shopping', 'Shopping'],
    ['a line of nothing but marks', '***', '***'],
    ['a line that is just short enough', 'a'.repeat(60), 'a'.repeat(60)],
    ['a long word, cut', 'a'.repeat(61), `${'a'.repeat(59)}…`],
    ['a long line, cut at a word', `${'word '.repeat(20)}`, `${'word '.repeat(11).trim()}…`],
    ['a long line whose only space is early', `a ${'b'.repeat(70)}`, `a ${'b'.repeat(57)}…`],
    ['emoji, counted as people do', '👩‍👩‍👧'.repeat(60), '👩‍👩‍👧'.repeat(60)],
    ['emoji, never cut inside', '👩‍👩‍👧'.repeat(61), `${'👩‍👩‍👧'.repeat(59)}…`],
  ])('is %s', (_, content, expected) => {
    expect(titleFromContent(content)).toBe(expected);
  });

  it('is short, one line and whole characters for any message', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, size: '+1' }), (content) => {
        const title = titleFromContent(content);
        const characters = [...new Intl.Segmenter('en').segment(title)];
        expect(characters.length).toBeLessThanOrEqual(60);
        expect(title).not.toMatch(/[\r\n]/);
        expect(title.isWellFormed()).toBe(content.isWellFormed());
        expect(title === '').toBe(content.trim() === '');
      }),
    );
  });

  it('is found without reading all of a giant line', () => {
    expect(titleFromContent('a b '.repeat(300_000))).toMatch(/^(a b )+a…$|^(a b )+…$|^(a b )+a b…$/);
  });
});

describe('a list of chats', () => {
  let test: TestDatabase;
  const ids: string[] = [];
  beforeAll(async () => {
    test = await openTestDatabase();
    // Three chats share one time, so that only their ids order them.
    for (const nowMs of [1, 5, 5, 5, 9, 12, 13]) ids.unshift((await storeChat(test, nowMs)).chatId);
  });
  afterAll(() => test.close());

  const list = (page: { limit: number; pageToken?: string }, projectId = test.projectId) =>
    listChats(test.database.reader, localOwnerId, projectId, page);

  it('has the last changed first', async () => {
    const { chats, nextPageToken } = await list({ limit: 10 });
    expect(chats.map((chat) => chat.id)).toEqual(ids);
    expect(nextPageToken).toBeNull();
  });

  it.each([1, 2, 3, 6, 7])('read %i at a time is whole, in order and without a repeat', async (limit) => {
    const read: string[] = [];
    let pageToken: string | undefined;
    do {
      const page = await list({ limit, ...(pageToken !== undefined && { pageToken }) });
      expect(page.chats.length).toBeLessThanOrEqual(limit);
      read.push(...page.chats.map((chat) => chat.id));
      pageToken = page.nextPageToken ?? undefined;
    } while (pageToken !== undefined);
    expect(read).toEqual(ids);
  });

  it.each(['x', '1', '1.', '.a', '-1.a', '1.a.b', '1.a;b', ' 1.a', `${'1'.repeat(16)}.a`])(
    'refuses the page token %j',
    async (pageToken) => {
      await expect(list({ limit: 1, pageToken })).rejects.toMatchObject({ code: 'bad_request' });
    },
  );

  it('is empty for another project', async () => {
    expect(await list({ limit: 10 }, 'another')).toEqual({ chats: [], nextPageToken: null });
  });
});

describe('a chat', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await openTestDatabase();
  });
  afterAll(() => test.close());

  it('names the run that is being written, and none after its end', async () => {
    const { key, runId } = await storeRun(test);
    expect((await getChat(test.database.reader, key)).activeRunId).toBe(runId);
    const ended = await storeRun(test, { ended_at_ms: 5 });
    expect((await getChat(test.database.reader, ended.key)).activeRunId).toBeNull();
  });

  it('is nobody else’s and in no other project', async () => {
    const key = await storeChat(test);
    const get = (wrong: object) => getChat(test.database.reader, { ...key, ...wrong });
    await expect(get({ ownerId: 'another' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(get({ projectId: 'another' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(get({ chatId: 'another' })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('keeps what a change does not name', async () => {
    const key = await storeChat(test);
    const change = (fields: Parameters<typeof updateChat>[2], nowMs: number) =>
      test.database.transaction((transaction) => updateChat(transaction, key, fields, nowMs));
    await change({ title: ' Title ', model: 'demo/quick' }, 5);
    expect(await change({ model: null }, 6)).toMatchObject({ title: 'Title', model: null, updatedAtMs: 6 });
    await expect(
      test.database.transaction((transaction) =>
        updateChat(transaction, { ...key, ownerId: 'another' }, { title: 'stolen' }, 7),
      ),
    ).rejects.toMatchObject({ code: 'not_found' });
    expect((await getChat(test.database.reader, key)).title).toBe('Title');
  });
});
