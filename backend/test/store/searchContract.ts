/** Holds what searches must find, in any engine: all of the texts as they are now, and nothing else. */
import { randomInt } from 'node:crypto';
import { foldText, hasTerms, type Message, type SearchResult, searchTerms } from '@rill/protocol';
import { v7 as newId } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { updateChat } from '../../src/store/chats/chats.ts';
import { binChats, restoreChats } from '../../src/store/chats/manyChats.ts';
import { finishMessage, insertMessage } from '../../src/store/messages.ts';
import { type Search, search } from '../../src/store/search.ts';
import { localOwnerId } from '../../src/store/seed.ts';
import { deleteChat, type OpenDatabase, storeChat, storeMessage } from '../testDatabase.ts';

let bench: OpenDatabase;

const find = (query: string, page: Partial<Search> = {}): Promise<SearchResult> =>
  search(bench.database, { ownerId: localOwnerId, query, limit: 20, ...page });

const idsOf = async (query: string): Promise<string[]> =>
  (await find(query)).messages.map(({ messageId }) => messageId);

const marked = (text: string, marks: SearchResult['messages'][number]['marks']): string[] =>
  marks.map(({ start, end }) => text.slice(start, end));

async function store(content: string, fields: Partial<Message> = {}): Promise<Message> {
  const { chatId } = await storeChat(bench);
  return storeMessage(bench, chatId, { content, ...fields });
}

/** All pages of a search. */
async function findAll(query: string, limit: number): Promise<string[]> {
  const found: string[] = [];
  for (let pageToken: string | null | undefined; pageToken !== null; ) {
    const page = await find(query, { limit, ...(pageToken && { pageToken }) });
    found.push(...page.messages.map(({ messageId }) => messageId));
    pageToken = page.nextPageToken;
  }
  return found;
}

const texts = {
  english: 'The archipelago was mapped by unwearying surveyors in 1823.',
  german: 'Die Straßenbahn fährt über die Brücke nach Größenwahn.',
  russian: 'Ёжик в тумане искал медвежонка у реки.',
  chinese: '我昨天在北京大学图书馆借了三本书。',
  japanese: '東京の図書館でコンピュータの本を借りました。',
  korean: '서울 도서관에서 한국어 책을 빌렸습니다.',
  arabic: 'ذَهَبْتُ إلى المكتبة لأقرأ كتابًا عن التاريخ.',
  thai: 'ฉันไปห้องสมุดเพื่อยืมหนังสือ',
  hindi: 'मैं पुस्तकालय से किताब लाया हूँ।',
  code: 'const userIds = parseRequestBody(req.body)?.user_ids ?? [];',
} as const;

export function describeSearch(open: () => Promise<OpenDatabase>): void {
  describe('a search', () => {
    describeLanguages(open);
    describe('of any texts', () => {
      beforeEach(async () => {
        bench = await open();
      });
      afterEach(() => bench.close());

      describeWords();
      describeScope();
      describeChanges();
    });
  });
}

function describeLanguages(open: () => Promise<OpenDatabase>): void {
  const stored = new Map<string, string>();
  beforeAll(async () => {
    bench = await open();
    for (const [name, content] of Object.entries(texts)) stored.set((await store(content)).id, name);
  });
  afterAll(() => bench.close());

  it.each([
    ['english', 'archipelago'],
    ['english', 'ARCHIPEL'],
    ['english', 'wea'],
    ['english', '1823'],
    ['english', 'in'],
    ['german', 'strassenbahn'],
    ['german', 'bruck'],
    ['russian', 'ежик'],
    ['russian', 'МЕДВЕЖОНКА'],
    ['chinese', '北京大学'],
    ['chinese', '大学'],
    ['chinese', '书'],
    ['japanese', '図書館'],
    ['japanese', '本を'],
    ['japanese', 'ンピュ'],
    ['korean', '한국'],
    ['korean', '도서관'],
    ['arabic', 'ذهبت'],
    ['thai', 'หนังสือ'],
    ['hindi', 'किताब'],
    ['code', 'requestbody'],
    ['code', '?.user_ids'],
    ['code', '"?? []"'],
  ] as const)('finds in a text that is %s: %s', async (language, query) => {
    const { messages } = await find(query);
    expect(messages.map(({ messageId }) => stored.get(messageId))).toContain(language);
    for (const { snippet, marks } of messages) {
      expect(hasTerms(foldText(snippet), searchTerms(query))).toBe(true);
      expect(marked(snippet, marks)).not.toEqual([]);
    }
  });
}

function describeWords(): void {
  it('finds what has all terms, in any order and in parts of words', async () => {
    const both = await store('a gentle breeze over the harbour');
    await store('a gentle storm');
    await store('the breeze');
    expect(await idsOf('harbour breez')).toEqual([both.id]);
    expect(await idsOf('"breeze over"')).toEqual([both.id]);
    expect(await idsOf('"over breeze"')).toEqual([]);
    expect(await idsOf('gentle of breeze')).toEqual([]);
  });

  it('finds nothing where the letters are there in another order', async () => {
    await store('stereo and string and tering');
    expect(await idsOf('stering')).toEqual([]);
  });

  it.each(['" OR 1', "'; --", '***', 'a AND', '(', '\\', '%_%', '\u0000', '"""'])(
    'takes %j as letters',
    async (query) => {
      const { id } = await store(`before ${query} after`);
      expect((await idsOf(query)).every((found) => found === id)).toBe(true);
    },
  );

  it('shows the text around the first term, in one line', async () => {
    const { id } = await store(`${'before '.repeat(100)}\n\nneedle\n${'after '.repeat(100)}`);
    const { messages } = await find('needle');
    expect(messages.map(({ messageId }) => messageId)).toEqual([id]);
    const [{ snippet, marks }] = messages as [SearchResult['messages'][number]];
    expect(snippet).toMatch(/^…(before )+needle( after)+…$/);
    expect(marked(snippet, marks)).toEqual(['needle']);
  });

  it('finds what stands at the end of a long text, once that is indexed', async () => {
    const long = `${'filling words go here '.repeat(20_000)} theneedle`;
    const { id } = await store(long);
    await vi.waitFor(async () => expect((await find('theneedle')).isComplete).toBe(true), 5000);
    expect(await idsOf('theneedle')).toEqual([id]);
    expect(await findAll('filling', 1)).toContain(id);
  });
}

function describeScope(): void {
  it('covers both roles and all branches', async () => {
    const { chatId } = await storeChat(bench);
    const root = await storeMessage(bench, chatId, { role: 'user', content: 'lighthouse one' });
    const shown = await storeMessage(bench, chatId, { parentId: root.id, content: 'lighthouse two' });
    const other = await storeMessage(bench, chatId, { parentId: root.id, content: 'lighthouse three' });
    expect(await idsOf('lighthouse')).toEqual([other.id, shown.id, root.id]);
    expect((await find('lighthouse')).messages.map(({ role }) => role)).toEqual([
      'assistant',
      'assistant',
      'user',
    ]);
  });

  it('gives titles with the first page, last changed first, and marks them', async () => {
    const chats = [await storeChat(bench), await storeChat(bench), await storeChat(bench)];
    for (const [index, key] of chats.entries())
      await bench.database.transaction((transaction) =>
        updateChat(transaction, key, { title: index === 1 ? 'Bread' : `Café ${index}` }, 10 + index),
      );
    const { chats: found } = await find('cafe');
    expect(found.map(({ title }) => title)).toEqual(['Café 2', 'Café 0']);
    expect(found.map(({ title, marks }) => marked(title, marks))).toEqual([['Café'], ['Café']]);
    expect((await find('cafe', { pageToken: '1' })).chats).toEqual([]);
  });

  it('gives each message once over all pages, newest first', async () => {
    const { chatId } = await storeChat(bench);
    const stored: string[] = [];
    for (let index = 0; index < 23; index += 1)
      stored.unshift((await storeMessage(bench, chatId, { content: `harvest ${index}` })).id);
    expect(await findAll('harvest', 5)).toEqual(stored);
    expect(await findAll('ha', 5)).toEqual(stored);
  });

  it('finds nothing of another owner', async () => {
    await store('secret of the owner');
    expect((await find('secret', { ownerId: 'another' })).messages).toEqual([]);
  });

  it('refuses a page token that it did not give', async () => {
    await expect(find('word', { pageToken: 'x' })).rejects.toMatchObject({ code: 'bad_request' });
  });

  it('finds nothing without a term', async () => {
    await store('anything');
    expect(await find(' "" ')).toMatchObject({ chats: [], messages: [], isComplete: true });
  });
}

function describeChanges(): void {
  it('finds an answer from its end on', async () => {
    const answer = await store('', { status: 'streaming' });
    const ended: Message = { ...answer, status: 'completed', content: 'the final wording' };
    expect(await idsOf('final wording')).toEqual([]);
    await bench.database.transaction((transaction) => finishMessage(transaction, localOwnerId, ended));
    expect(await idsOf('final wording')).toEqual([answer.id]);
  });

  it('finds a changed text by what it says now', async () => {
    const message = await store('the earlier wording');
    await bench.database.transaction((transaction) =>
      finishMessage(transaction, localOwnerId, { ...message, content: 'the later wording' }),
    );
    expect(await idsOf('earlier')).toEqual([]);
    expect(await idsOf('later')).toEqual([message.id]);
  });

  it('finds nothing of a chat that was deleted', async () => {
    const key = await storeChat(bench);
    await storeMessage(bench, key.chatId, { content: 'gone with the chat' });
    await bench.database.transaction((transaction) => deleteChat(transaction, key));
    expect(await idsOf('gone with')).toEqual([]);
    expect(await idsOf('go')).toEqual([]);
  });

  it('finds nothing of a chat in the bin, and all of it once it is restored', async () => {
    const { ownerId, chatId } = await storeChat(bench);
    const { id } = await storeMessage(bench, chatId, { content: 'binned wording' });
    const chats = { ownerId, chatIds: [chatId] };
    await bench.database.transaction((transaction) => binChats(transaction, chats, 1));
    expect(await idsOf('binned wording')).toEqual([]);
    expect(await idsOf('bi')).toEqual([]);
    await bench.database.transaction((transaction) => restoreChats(transaction, chats));
    expect(await idsOf('binned wording')).toEqual([id]);
  });

  it('finds nothing of what was rolled back', async () => {
    const { chatId } = await storeChat(bench);
    const kept = await storeMessage(bench, chatId, { content: 'kept wording' });
    const attempt = bench.database.transaction(async (transaction) => {
      await insertMessage(transaction, localOwnerId, { ...kept, id: newId(), content: 'lost wording' });
      throw new Error('It fails.');
    });
    await expect(attempt).rejects.toThrow('It fails.');
    expect(await idsOf('wording')).toEqual([kept.id]);
  });

  it('finds what the texts have after any changes', async () => {
    const alphabet = ['alpha', 'beta', 'gamma', 'delta', 'straße', '北京', 'код', '\n'];
    const randomText = () =>
      Array.from({ length: randomInt(0, 6) }, () => alphabet[randomInt(alphabet.length)]).join(' ');
    const chats = [await storeChat(bench), await storeChat(bench), await storeChat(bench)];
    const stored = new Map<string, Message>();
    const change = async () => {
      const [message, key] = [[...stored.values()][randomInt(stored.size + 1)], chats[randomInt(3)]];
      if (!key) throw new Error('There is no such chat.');
      if (!message || randomInt(3) === 0) {
        const made = await storeMessage(bench, key.chatId, { content: randomText() });
        return void stored.set(made.id, made);
      }
      if (randomInt(20) === 0) {
        await bench.database.transaction((transaction) => deleteChat(transaction, key), 'process-death');
        for (const { id, chatId } of stored.values()) if (chatId === key.chatId) stored.delete(id);
        chats.splice(chats.indexOf(key), 1, await storeChat(bench));
        return;
      }
      const changed = { ...message, content: randomText() };
      stored.set(message.id, changed);
      await bench.database.transaction(
        (transaction) => finishMessage(transaction, localOwnerId, changed),
        'process-death',
      );
    };
    for (let round = 0; round < 300; round += 1) await change();
    for (const query of ['alpha', 'amm', 'strasse', '北京', '京', 'КОД', 'beta gamma', 'et']) {
      const expected = [...stored.values()].filter(({ content }) =>
        hasTerms(foldText(content), searchTerms(query)),
      );
      expect(new Set(await findAll(query, 7))).toEqual(new Set(expected.map(({ id }) => id)));
    }
  });
}
