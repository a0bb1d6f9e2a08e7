/** Stores the rows of one archive entry in transactions short enough not to hold up other writes. */
import type { Database, WriteTransaction } from '../database/database.ts';
import type { ImportEntry } from '../imports/importer.ts';
import { linesOf } from './archiveLayout.ts';
import type { NewRow, ReadRow, RecordReader } from './archiveRecord.ts';
import { type Stored, storeRow } from './archiveRows.ts';

/** How many rows were stored, existed already, or existed with other contents. */
export type Tally = Record<Stored, number>;

export interface EntryToStore {
  readonly database: Database;
  readonly entry: ImportEntry;
  readonly reader: RecordReader;
  /** Changes a row before it is stored; null skips the row. */
  readonly prepare?: (transaction: WriteTransaction, read: ReadRow) => Promise<NewRow | null>;
  /** Belongs to the last transaction. */
  readonly finish: (transaction: WriteTransaction, tally: Tally) => Promise<void>;
}

/** Total length of the lines in one transaction, in UTF-16 units. */
const partLength = 2 * 1024 * 1024;

/**
 * Each part is stored whole or not at all; calling it again after an interruption stores the rest. Errors:
 * ImportRefused.
 */
export async function storeInParts(entryToStore: EntryToStore): Promise<void> {
  const { database, entry, reader, finish } = entryToStore;
  const tally: Tally = { new: 0, equal: 0, other: 0 };
  let rows: ReadRow[] = [];
  let length = 0;
  for await (const line of linesOf(await entry.open())) {
    rows.push(reader.read(line));
    length += line.length;
    if (length < partLength) continue;
    const part = rows;
    add(
      tally,
      await database.transaction((transaction) => store(transaction, part, entryToStore), 'process-death'),
    );
    [rows, length] = [[], 0];
  }
  await database.transaction(async (transaction) => {
    const all = { ...tally };
    add(all, await store(transaction, rows, entryToStore));
    await finish(transaction, all);
  });
}

async function store(
  transaction: WriteTransaction,
  rows: readonly ReadRow[],
  { prepare }: Pick<EntryToStore, 'prepare'>,
): Promise<Tally> {
  const tally: Tally = { new: 0, equal: 0, other: 0 };
  for (const read of rows) {
    const row = prepare ? await prepare(transaction, read) : read.row;
    if (row) tally[await storeRow(transaction, read.table, row)] += 1;
  }
  return tally;
}

function add(tally: Tally, more: Tally): void {
  tally.new += more.new;
  tally.equal += more.equal;
  tally.other += more.other;
}
