/** Tests that files which belong to no import are removed, and nothing of an import or of another process that receives one. */
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { v7 as newId } from 'uuid';
import { afterEach, expect, it } from 'vitest';
import {
  describeWithPostgres,
  openPostgresTestDatabase,
} from '../../../test/postgres/postgresTestDatabase.ts';
import { makeFolder, type OpenDatabase, openTestDatabase } from '../../../test/testDatabase.ts';
import { systemClock as clock } from '../../clock.ts';
import { insertImport, updateImport } from '../../store/imports.ts';
import { localOwnerId } from '../../store/seed.ts';
import { ImportJobs } from './importJobs.ts';
import { createSpool } from './spool.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const dayMs = 24 * 60 * 60_000;

/** A folder with the files of one import, and with what processes left behind: some of it more than a day ago. */
async function openFolder({ database }: Pick<OpenDatabase, 'database'>) {
  const { path, remove } = await makeFolder();
  closing.push(remove);
  const folder = join(path, 'imports');
  await mkdir(folder);
  const kept = newId();
  await database.transaction(async (transaction) => {
    const made = { ownerId: localOwnerId, importId: kept, name: 'a.zip', sizeBytes: 1, nowMs: Date.now() };
    await insertImport(transaction, { ...made, bootId: null });
    await updateImport(transaction, kept, { state: 'counted' });
  });
  const write = async (name: string, ageMs: number) => {
    await writeFile(join(folder, name), 'x');
    const seconds = (Date.now() - ageMs) / 1000;
    await utimes(join(folder, name), seconds, seconds);
    return name;
  };
  const ofImport = [await write(kept, 3 * dayMs), await write(`${kept}-0`, 3 * dayMs)];
  const arriving = await write(newId(), dayMs - 60_000);
  const crashed = await write(newId(), dayMs + 60_000);
  await write(`${crashed}-4`, 2 * dayMs);
  const jobs = new ImportJobs({
    database,
    spool: createSpool(folder, 1000),
    loadImporters: async () => [],
    maxBytes: 1000,
    ...{ clock, newId },
    bootId: newId(),
    onStored: () => undefined,
    logger: { warn: () => undefined },
  });
  return { jobs, kept, ofImport, arriving, files: async () => (await readdir(folder)).sort() };
}

it('a start of a process that is alone removes what belongs to no import', async () => {
  const test = await openTestDatabase();
  closing.push(() => test.close());
  const { jobs, kept, files } = await openFolder(test);
  await jobs.continueAll();
  expect(await files()).toEqual([kept]);
});

it('an hourly look removes what belongs to no import and is older than a day', async () => {
  const test = await openTestDatabase();
  closing.push(() => test.close());
  const { jobs, ofImport, arriving, files } = await openFolder(test);
  await jobs.endUnstarted();
  expect(await files()).toEqual([...ofImport, arriving].sort());
});

describeWithPostgres('a folder that several nodes share', () => {
  it('loses at a start what belongs to no import and is older than a day, and nothing else', async () => {
    const test = await openPostgresTestDatabase();
    closing.push(() => test.close());
    const { jobs, ofImport, arriving, files } = await openFolder(test);
    await jobs.continueAll();
    expect(await files()).toEqual([...ofImport, arriving].sort());
  });
});
