/** Tests what no product should write and some file has: each costs at most itself, and none is passed over in silence. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../test/testDatabase.ts';
import { openImports } from './importTestBench.ts';
import { at, products, seconds } from './productTestBench.ts';

let test: TestDatabase;
beforeEach(async () => {
  test = await openTestDatabase();
});
afterEach(() => test.close());

const withKeys = (text: string, keys: string): string => text.replace('{', () => `{${keys},`);
const withTimes = (text: string, time: string): string =>
  text.replaceAll(new RegExp(`"${at}"|\\b${seconds}\\b`, 'g'), () => time);
const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;

/** Changes the text of a conversation so that it can still be read. */
const odd: readonly (readonly [what: string, change: (text: string, name: string) => string])[] = [
  ['untouched', (text) => text],
  ['100,000 lists in each other', (text) => withKeys(text, `"extra":${deep}`)],
  [
    'keys that every object inherits',
    (text) => withKeys(text, '"__proto__":{"messages":[1]},"constructor":{"prototype":1},"toString":1'),
  ],
  ['keys that come twice', (text) => withKeys(text, '"title":7,"name":7')],
  ['times as texts of seconds', (text) => withTimes(text, `"${seconds}"`)],
  ['times as texts of milliseconds', (text) => withTimes(text, `"${seconds}123"`)],
  ['times in nanoseconds', (text) => withTimes(text, `${seconds}123000000`)],
  ['times that are none', (text) => withTimes(text, '"soon"')],
  ['times below zero', (text) => withTimes(text, '-1')],
  ['times without end', (text) => withTimes(text, '1e400')],
  ['times that are objects', (text) => withTimes(text, '{"$date":1}')],
  [
    'NUL and half characters',
    (text, name) => text.replaceAll(`${name}?`, () => `${name}\\u0000\\ud800\\udc00\\ud800?`),
  ],
];

/** Changes it so that nothing of it can be read. */
const broken: typeof odd = [
  ['nothing', () => '{}'],
  ['null', () => 'null'],
  ['a number that is none', (text) => withKeys(text, '"extra":00x')],
  ['half an escape', (text) => withKeys(text, '"extra":"\\u12"')],
];

const forms: readonly (readonly [what: string, form: (first: string, second: string) => string | Buffer])[] =
  [
    ['a byte order mark', (first, second) => `\ufeff[${first},${second}]`],
    ['one line each', (first, second) => `${first}\n${second}\n`],
    ['a list in an object', (first, second) => `{"version":1,"conversations":[${first},${second}]}`],
    ['an end in the middle of a third', (first, second) => `[${first},${second},${first.slice(0, -30)}`],
  ];

describe.each(Object.keys(products))('an export of %s', (product) => {
  const textOf = (name: string) => JSON.stringify(products[product]?.(name));
  const messagesOf = (chatId: string | null) =>
    test.database.reader
      .selectFrom('messages')
      .select(['content', 'created_at_ms'])
      .where('chat_id', '=', chatId ?? '')
      .orderBy('id')
      .execute();

  it('has each odd conversation, and names each that is broken', async () => {
    const all = [...odd, ...broken];
    const texts = all.map(([, change], index) => change(textOf(`C${index}`), `C${index}`));
    const { job, items } = await (await openImports(test)).run(`[${texts.join(',')}]`);
    expect(job).toMatchObject({ state: 'completed', product, count: { items: all.length } });
    expect(items.map(({ outcome }, index) => `${all[index]?.[0]}: ${outcome}`)).toEqual(
      all.map(([what], index) => `${what}: ${index < odd.length ? 'imported' : 'failed'}`),
    );
    const times = new Map<string | undefined, number>();
    for (const [index, { outcome, chatId, notes }] of items.entries()) {
      const [question, ...others] = await messagesOf(chatId);
      expect([others.length, notes.length]).toEqual(outcome === 'failed' ? [0, 1] : [1, 0]);
      times.set(all[index]?.[0], Number(question?.created_at_ms));
    }
    expect(times.get('times as texts of seconds')).toBe(seconds * 1000);
    expect(times.get('times as texts of milliseconds')).toBe(seconds * 1000 + 123);
    expect(times.get('times in nanoseconds')).toBe(seconds * 1000 + 123);
    expect(Object.hasOwn(Object.prototype, 'messages')).toBe(false);
  });

  it.each(forms)('with %s has both of its conversations', async (_, form) => {
    const { job, items } = await (await openImports(test)).run(form(textOf('First'), textOf('Second')));
    expect(job).toMatchObject({ state: 'completed', product, outcomes: { imported: 2 } });
    expect(items.slice(0, 2).map(({ title }) => title)).toEqual(['First', 'Second']);
    expect(items.slice(2).map(({ outcome }) => outcome)).toEqual(job.outcomes.failed ? ['failed'] : []);
  });

  it('in UTF-16, or cut before its first conversation ends, fails with a sentence', async () => {
    const { run } = await openImports(test);
    for (const body of [Buffer.from(`\ufeff[${textOf('A')}]`, 'utf16le'), `[${textOf('A').slice(0, -3)}`]) {
      const { job } = await run(body);
      expect(job).toMatchObject({
        state: 'failed',
        outcomes: {},
        problem: expect.stringMatching(/^This is no/),
      });
    }
  });
});
