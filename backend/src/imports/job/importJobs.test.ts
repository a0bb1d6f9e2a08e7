/** Tests the life of an import on a real database and real files: counted first, started, stopped, continued, refused. */
import { readdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ImportItem } from '@rill/protocol';
import { v7 as newId } from 'uuid';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeClock } from '../../../test/fakeClock.ts';
import { openTestDatabase, type TestDatabase } from '../../../test/testDatabase.ts';
import { type Clock, systemClock } from '../../clock.ts';
import { getImport, listReport } from '../../store/imports.ts';
import { localOwnerId } from '../../store/seed.ts';
import { type Importer, ImportRefused, type RunContext } from '../importer.ts';
import { ImportJobs } from './importJobs.ts';
import { createSpool } from './spool.ts';

let test: TestDatabase;
beforeEach(async () => {
  test = await openTestDatabase();
});
afterEach(() => test.close());

const maxBytes = 1000;
const item = (key: string): ImportItem => ({
  key,
  title: `Chat ${key}`,
  outcome: 'imported',
  chatId: null,
  projectId: null,
  notes: [],
});

/** Reports each word of the body; `onWord` is called before each. */
function wordImporter(onWord: (word: string) => Promise<void> = async () => undefined): Importer {
  const wordsOf = async (source: Parameters<Importer['count']>[0]) => {
    const stream = await source.entries[0]?.open();
    return stream ? (await text(stream)).split(' ') : [];
  };
  return {
    product: 'chat-ui',
    recognise: async (source) => (await wordsOf(source))[0] === 'words',
    async count(source) {
      const words = await wordsOf(source);
      if (words.includes('damaged')) throw new ImportRefused('The words are damaged.');
      return { items: words.length, conversations: words.length, messages: 0, files: 0 };
    },
    async run(source, context: RunContext) {
      for (const word of await wordsOf(source)) {
        context.signal.throwIfAborted();
        if (await context.isReported(word)) continue;
        await onWord(word);
        await test.database.transaction((transaction) => context.report(transaction, item(word)));
      }
    },
  };
}

function startJobs(importer = wordImporter(), clock: Clock = systemClock) {
  const told: string[] = [];
  const jobs = new ImportJobs({
    database: test.database,
    spool: createSpool(`${test.dataDirectory}/imports`, maxBytes),
    loadImporters: async () => [importer],
    maxBytes,
    clock,
    newId,
    bootId: 'this-boot',
    onStored: (ownerId) => told.push(ownerId),
    logger: { warn: () => undefined },
  });
  const create = (body: string, isStarted = false) =>
    jobs.create({
      ownerId: localOwnerId,
      name: 'words.txt',
      body: Readable.from([Buffer.from(body)]),
      signal: new AbortController().signal,
      isStarted,
    });
  return { jobs, create, told };
}

const stateOf = (importId: string) => getImport(test.database.reader, { ownerId: localOwnerId, importId });
const reportOf = async (importId: string) =>
  (await listReport(test.database.reader, importId, { limit: 100 })).items.map(({ key }) => key);

it('counts, stores nothing before it is started, and then reports every thing', async () => {
  const { jobs, create, told } = startJobs();
  const { id } = await create('words two three');
  await jobs.whenIdle();
  expect(await stateOf(id)).toMatchObject({
    state: 'counted',
    product: 'chat-ui',
    count: { items: 3 },
    doneItems: 0,
  });
  await jobs.start({ ownerId: localOwnerId, importId: id }, {});
  await jobs.whenIdle();
  expect(await stateOf(id)).toMatchObject({ state: 'completed', doneItems: 3, outcomes: { imported: 3 } });
  expect(await reportOf(id)).toEqual(['words', 'two', 'three']);
  expect(told).toEqual([localOwnerId]);
  await expect(jobs.start({ ownerId: localOwnerId, importId: id }, {})).rejects.toThrow('not waiting');
});

it('refuses what no importer knows, what is damaged and what is too large, and keeps nothing of it', async () => {
  const { jobs, create } = startJobs();
  const unknown = await create('other');
  const damaged = await create('words damaged');
  await jobs.whenIdle();
  expect(await stateOf(unknown.id)).toMatchObject({
    state: 'failed',
    problem: expect.stringMatching(/no archive of Rill/),
  });
  expect(await stateOf(damaged.id)).toMatchObject({ state: 'failed', problem: 'The words are damaged.' });
  await expect(create('x'.repeat(maxBytes + 1))).rejects.toMatchObject({ code: 'body_too_large' });
});

it('stops between two things and continues with the next, without a thing twice', async () => {
  const stopping: { stop?: () => Promise<unknown> } = {};
  const seen: string[] = [];
  let stopped: Promise<unknown> | undefined;
  const { jobs, create } = startJobs(
    wordImporter(async (word) => {
      seen.push(word);
      if (word === 'two') stopped ??= stopping.stop?.();
    }),
  );
  const { id } = await create('words two three', true);
  const key = { ownerId: localOwnerId, importId: id };
  stopping.stop = () => jobs.stop(key);
  await jobs.whenIdle();
  await stopped;
  expect(await stateOf(id)).toMatchObject({ state: 'stopped', doneItems: 2 });
  await jobs.start(key, {});
  await jobs.whenIdle();
  expect(await stateOf(id)).toMatchObject({ state: 'completed', doneItems: 3 });
  expect(seen).toEqual(['words', 'two', 'three']);
});

it('continues with the next process what the closing one left', async () => {
  const closing: { close?: () => Promise<void> } = {};
  let closed: Promise<void> | undefined;
  const first = startJobs(
    wordImporter(async (word) => {
      if (word === 'two') closed ??= closing.close?.();
    }),
  );
  closing.close = () => first.jobs.close();
  const { id } = await first.create('words two three', true);
  await first.jobs.whenIdle();
  await closed;
  expect(await stateOf(id)).toMatchObject({ state: 'running', doneItems: 2 });
  const second = startJobs();
  await second.jobs.continueAll();
  await second.jobs.whenIdle();
  expect(await stateOf(id)).toMatchObject({ state: 'completed', doneItems: 3 });
  expect(await reportOf(id)).toEqual(['words', 'two', 'three']);
});

it('ends after a day what was not started, with its file, and nothing else', async () => {
  const clock = new FakeClock();
  const { jobs, create } = startJobs(wordImporter(), clock);
  const { id: unstarted } = await create('words two');
  const { id: started } = await create('words three', true);
  await jobs.whenIdle();
  const filesOf = () => readdir(`${test.dataDirectory}/imports`);
  clock.advance(24 * 60 * 60_000);
  await jobs.endUnstarted();
  expect(await filesOf()).toEqual([unstarted]);
  expect(await stateOf(unstarted)).toMatchObject({ state: 'counted' });
  const { id: newer } = await create('words four');
  await jobs.whenIdle();
  clock.advance(1);
  await jobs.endUnstarted();
  expect(await filesOf()).toEqual([newer]);
  expect(await stateOf(unstarted)).toMatchObject({
    state: 'failed',
    problem: 'It was not started within a day. Choose the file again.',
  });
  expect(await stateOf(started)).toMatchObject({ state: 'completed' });
  await jobs.start({ ownerId: localOwnerId, importId: newer }, {});
  await jobs.whenIdle();
  expect(await reportOf(newer)).toEqual(['words', 'four']);
});
