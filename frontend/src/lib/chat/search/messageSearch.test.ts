import { type FoundMessage, RillError, type SearchResult } from '@rill/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { MessageSearch, type SearchServer } from './messageSearch.svelte.ts';

const messageOf = (messageId: string): FoundMessage => ({
  projectId: 'p1',
  chatId: 'c1',
  chatTitle: 'Tides',
  messageId,
  role: 'user',
  snippet: 'text',
  marks: [],
  createdAtMs: 1,
});

const resultOf = (ids: readonly string[], nextPageToken: string | null = null): SearchResult => ({
  chats: [],
  messages: ids.map(messageOf),
  nextPageToken,
  isComplete: true,
});

type Asked = Parameters<SearchServer>[0] & {
  answer(result: SearchResult): Promise<void>;
  fail(error: unknown): Promise<void>;
};

let asked: Asked[];
let search: MessageSearch;
const onUnauthorized = vi.fn();
const idsOf = () => search.messages.map(({ messageId }) => messageId);

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  search = new MessageSearch({
    onUnauthorized,
    search: (request) =>
      new Promise((resolve, reject) => {
        const settle = async (work: () => void) => {
          work();
          await vi.advanceTimersByTimeAsync(0);
        };
        asked.push({
          ...request,
          answer: (result) => settle(() => resolve(result)),
          fail: (error) => settle(() => reject(error)),
        });
      }),
  });
});
afterEach(() => {
  search.dispose();
  vi.useRealTimers();
  onUnauthorized.mockReset();
});

async function type(query: string): Promise<Asked> {
  search.take(query);
  await vi.runAllTimersAsync();
  const last = asked.at(-1);
  if (!last) throw new Error('Nothing was asked.');
  return last;
}

it('asks once for what is typed without a pause', async () => {
  search.take('t');
  search.take('ti');
  const { q } = await type('tide');
  expect(q).toBe('tide');
  expect(asked).toHaveLength(1);
  expect(search.isWaiting).toBe(true);
});

it('drops a response to an earlier query, however late it arrives', async () => {
  const early = await type('tide');
  const late = await type('tides');
  await late.answer(resultOf(['m2']));
  await early.answer(resultOf(['m1']));
  expect(early.signal?.aborted).toBe(true);
  expect(idsOf()).toEqual(['m2']);
  expect(search.isWaiting).toBe(false);
});

it('shows nothing as soon as nothing is typed', async () => {
  await (await type('tide')).answer(resultOf(['m1'], '7'));
  search.take('');
  expect([idsOf(), search.hasMore, search.isWaiting]).toEqual([[], false, false]);
});

it('adds the next page, each message once', async () => {
  await (await type('tide')).answer(resultOf(['m1', 'm2'], '7'));
  expect(search.hasMore).toBe(true);
  search.more();
  expect(asked[1]?.pageToken).toBe('7');
  await asked[1]?.answer(resultOf(['m2', 'm3']));
  expect([idsOf(), search.hasMore]).toEqual([['m1', 'm2', 'm3'], false]);
});

it('shows why a search failed, until something else is typed', async () => {
  await (await type('tide')).fail(new RillError('internal', { message: 'It broke.' }));
  expect([search.failure, search.isWaiting]).toEqual(['It broke.', false]);
  search.take('tides');
  expect(search.failure).toBeNull();
});

it('tells that a sign-in is missing', async () => {
  await (await type('tide')).fail(new RillError('unauthorized', { message: 'Sign in.' }));
  expect(onUnauthorized).toHaveBeenCalledOnce();
  expect(search.failure).toBeNull();
});

it('accepts no response once it is disposed', async () => {
  const late = await type('tide');
  search.dispose();
  await late.answer(resultOf(['m1']));
  expect(idsOf()).toEqual([]);
});
