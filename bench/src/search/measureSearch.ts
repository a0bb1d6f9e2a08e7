/**
 * `npm run measure:search`: measures the search over many messages in six languages: how long texts without an index
 * delay the start, how long indexing takes, what the search finds and how soon, the cost of the index for a message,
 * and whether the index equals the data after random changes. `-- --messages N` sets the number of messages, 200,000 by
 * default.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { foldText, type Message } from '@rill/protocol';
import { sampleMessage } from '@rill/protocol/conformance/sampleEntities.ts';
import {
  openSqliteDatabase,
  type SqliteDatabase,
} from '../../../backend/src/database/sqlite/sqliteDatabase.ts';
import { finishMessage, insertMessage } from '../../../backend/src/store/messages.ts';
import { search } from '../../../backend/src/store/search.ts';
import { figure, formatTable, say } from '../support/report.ts';
import { chatIdOf, fillTexts, messageIdOf, type Needle, ownerId } from './fillTexts.ts';
import { findDifference } from './indexDifference.ts';
import { languages, seededRandom, Vocabulary } from './searchCorpus.ts';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '200000' },
    needles: { type: 'string', default: '200' },
    changes: { type: 'string', default: '10000' },
  },
});
const [messageCount, needleCount, changeCount] = [values.messages, values.needles, values.changes].map(
  Number,
) as [number, number, number];
const answerCharacters = [1000, 10_000, 45_000];
const answersPerSize = 200;
/**
 * Most results that are read: three letters may be in tens of thousands of messages, and a user reads only few pages.
 */
const mostRead = 500;
const rows: string[][] = [];
const add = (what: string, measured: string) => {
  rows.push([what, measured]);
  say(`${what}: ${measured}`);
};
const inMs = (ms: number) => `${figure(ms)} ms`;
const percentile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
const ascending = (numbers: readonly number[]) => numbers.toSorted((first, second) => first - second);

const folder = await mkdtemp(join(tmpdir(), 'rill-search-'));
try {
  say(`Makes ${messageCount} messages.`);
  const needles = await fillTexts(folder, messageCount, needleCount);
  const database = await measureIndexing();
  await measureNeedles(database, needles);
  await measureSends(database);
  await measureChanges(database);
  await database.close();
  const difference = findDifference(folder);
  add(`index after ${changeCount} random changes`, difference ?? 'equal to the data');
  say(formatTable({ title: `Search over ${messageCount} messages`, head: ['', ''], rows }));
  if (difference) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true });
}

function sizeMb(): number {
  const file = new DatabaseSync(join(folder, 'rill.sqlite'), { readOnly: true });
  const { pages, size } = file
    .prepare('SELECT page_count AS pages, page_size AS size FROM pragma_page_count, pragma_page_size')
    .get() as { pages: number; size: number };
  file.close();
  return (pages * size) / 1e6;
}

/** Opens the database and waits until everything is indexed. */
async function measureIndexing(): Promise<SqliteDatabase> {
  const sizeBeforeMb = sizeMb();
  add('size of the database before', `${figure(sizeBeforeMb)} MB`);
  const startedMs = performance.now();
  const database = await openSqliteDatabase(folder);
  add('the first start is held up for', inMs(performance.now() - startedMs));
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const count = async () => {
    const sqlText = 'SELECT count(*) AS waiting FROM search_texts WHERE waiting IS NOT NULL';
    return (await database.reader.prepared.first(sqlText, [])) as { waiting: number };
  };
  while ((await count()).waiting > 0) await sleep(200);
  delay.disable();
  add('until all is indexed', `${figure((performance.now() - startedMs) / 1000)} s`);
  add(
    'delay of everything else meanwhile, 50 / 99 %',
    `${inMs(delay.percentile(50) / 1e6)} / ${inMs(delay.percentile(99) / 1e6)}`,
  );
  add('size of the index', `${figure(sizeMb() - sizeBeforeMb)} MB`);
  return database;
}

async function findIds(database: SqliteDatabase, query: string): Promise<Set<string>> {
  const found = new Set<string>();
  for (let pageToken: string | null | undefined; pageToken !== null && found.size < mostRead; ) {
    const page = await search(database, { ownerId, query, limit: 50, pageToken });
    for (const { messageId } of page.messages) found.add(messageId);
    pageToken = page.nextPageToken;
  }
  return found;
}

/**
 * Types each needle letter by letter: the word must find its message, and three of its letters every message that has
 * them.
 */
async function measureNeedles(database: SqliteDatabase, needles: readonly Needle[]): Promise<void> {
  const texts = (await database.reader.selectFrom('messages').select(['id', 'content']).execute()).map(
    ({ id, content }) => ({ id, folded: foldText(content) }),
  );
  const firstMs: number[] = [];
  const typedMs: number[] = [];
  let foundWords = 0;
  let foundInfixes = 0;
  for (const { word, messageId } of needles) {
    const letters = [...word];
    for (let count = 1; count <= letters.length; count += 1) {
      const startedMs = performance.now();
      const page = await search(database, { ownerId, query: letters.slice(0, count).join(''), limit: 20 });
      (count < letters.length ? typedMs : firstMs).push(performance.now() - startedMs);
      if (count === letters.length && page.messages.some((each) => each.messageId === messageId))
        foundWords += 1;
    }
    const infix = letters.slice(2, 5).join('');
    const folded = foldText(infix);
    const expected = new Set(texts.filter((text) => text.folded.includes(folded)).map(({ id }) => id));
    const startedMs = performance.now();
    await search(database, { ownerId, query: `"${infix}"`, limit: 20 });
    typedMs.push(performance.now() - startedMs);
    const found = await findIds(database, `"${infix}"`);
    const isWhole = found.size === expected.size || found.size >= mostRead;
    if (isWhole && [...found].every((id) => expected.has(id))) foundInfixes += 1;
  }
  add('words found', `${foundWords} of ${needles.length}`);
  add(
    `three letters: the first ${mostRead} messages that have them found, and no other`,
    `${foundInfixes} of ${needles.length}`,
  );
  for (const [what, times] of [
    ['a whole word', ascending(firstMs)],
    ['while it is typed, and three letters', ascending(typedMs)],
  ] as const)
    add(
      `first page, ${what}, 50 / 95 / 100 %`,
      [0.5, 0.95, 1].map((share) => inMs(percentile(times, share))).join(' / '),
    );
}

/** Measures the cost of the index in the transaction that ends an answer. */
async function measureSends(database: SqliteDatabase): Promise<void> {
  const vocabulary = new Vocabulary('english', seededRandom(2));
  const message = (index: number, content: string): Message =>
    sampleMessage({
      id: `n${content.length}-${index}`,
      chatId: chatIdOf(0),
      parentId: null,
      runId: null,
      content,
    });
  for (const characters of answerCharacters) {
    const times: number[] = [];
    for (let index = 0; index < answersPerSize; index += 1) {
      const text = vocabulary.text(characters / 3).slice(0, characters);
      const answer = message(index, text);
      const store = (stored: Message, work: typeof insertMessage | typeof finishMessage) =>
        database.transaction((transaction) => work(transaction, ownerId, stored), 'process-death');
      await store({ ...answer, content: '' }, insertMessage);
      const startedMs = performance.now();
      await store(answer, finishMessage);
      times.push(performance.now() - startedMs);
    }
    const sorted = ascending(times);
    add(
      `the end of an answer of ${characters} characters is stored in, 50 / 95 %`,
      `${inMs(percentile(sorted, 0.5))} / ${inMs(percentile(sorted, 0.95))}`,
    );
  }
}

async function measureChanges(database: SqliteDatabase): Promise<void> {
  const random = seededRandom(3);
  const vocabularies = languages.map((language) => new Vocabulary(language, random));
  for (let change = 0; change < changeCount; change += 1) {
    const id = messageIdOf(Math.floor(random() * messageCount));
    const content = vocabularies[change % vocabularies.length]?.text(Math.floor(random() * 100)) ?? '';
    await database.transaction(async (transaction) => {
      if (change % 200 === 0)
        await transaction
          .deleteFrom('chats')
          .where('id', '=', chatIdOf(Math.floor(random() * messageCount)))
          .execute();
      else if (change % 3 === 0) await transaction.deleteFrom('messages').where('id', '=', id).execute();
      else await transaction.updateTable('messages').set({ content }).where('id', '=', id).execute();
    }, 'process-death');
  }
}
