/**
 * Indexes waiting texts in short transactions: new texts shortly after their commit, or at once when a search needs
 * them; then long texts, newest first. Several processes share the work.
 */
import { sql } from 'kysely';
import type { Clock } from '../../../clock.ts';
import type { Database, WriteTransaction } from '../../database.ts';
import { sqlOfHasMore, sqlOfPart } from '../../texts/textParts.ts';
import { gramsOfText } from './gramNumbers.ts';

/** Most texts of a batch, and most parts of long texts: a batch blocks the process for some milliseconds. */
const textsPerBatch = 20;
const partsPerBatch = 1;
const shortestPauseMs = 5;
/** Delay between a change and its indexing; changes made in the meantime are indexed with it. */
const gatheringMs = 500;

export interface PostgresTextIndexerOptions {
  readonly transaction: Database['transaction'];
  readonly clock: Clock;
}

interface WaitingText {
  readonly id: number;
  readonly message_id: string;
  readonly owner_id: string;
  readonly part: number;
  readonly text: string;
  readonly has_more: boolean;
}

export class PostgresTextIndexer {
  readonly #options: PostgresTextIndexerOptions;
  #isWoken = false;
  #isAwake = false;
  #isClosed = false;
  #cancelPause: (() => void) | undefined;
  #batch: Promise<unknown> = Promise.resolve();

  constructor(options: PostgresTextIndexerOptions) {
    this.#options = options;
    // What another process left.
    this.wake();
  }

  /** Call this after every transaction that may have changed a text. */
  readonly wake = (): void => {
    this.#isWoken = true;
    if (this.#isAwake || this.#isClosed) return;
    this.#isAwake = true;
    this.#pause(gatheringMs);
  };

  /** Indexes the new texts that are committed now, including those that another process has begun to index. */
  async indexNew(): Promise<void> {
    while (
      await this.#options.transaction((transaction) => indexBatch(transaction, 'now', false), 'process-death')
    );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelPause?.();
    await this.#batch;
  }

  #pause(pauseMs: number): void {
    this.#cancelPause = this.#options.clock.schedule(pauseMs, () => {
      this.#batch = this.#indexInBackground();
    });
  }

  async #indexInBackground(): Promise<void> {
    this.#isWoken = false;
    const { transaction } = this.#options;
    try {
      const isMoreWaiting =
        (await transaction((db) => indexBatch(db, 'now', true), 'process-death')) ||
        (await transaction((db) => indexBatch(db, 'later', true), 'process-death'));
      if (this.#isClosed) return;
      if (isMoreWaiting) return this.#pause(shortestPauseMs);
      if (this.#isWoken) return this.#pause(gatheringMs);
    } catch {
      // The database cannot be reached: waiting texts are indexed after the next change.
    }
    this.#isAwake = false;
  }
}

/** True when more may wait. */
async function indexBatch(
  transaction: WriteTransaction,
  waiting: 'now' | 'later',
  skipsLocked: boolean,
): Promise<boolean> {
  const isNew = waiting === 'now';
  const limit = isNew ? textsPerBatch : partsPerBatch;
  const { rows } = await sql<WaitingText>`
    SELECT texts.id, texts.message_id, texts.owner_id, texts.part,
      ${sql.raw(sqlOfPart('messages.content', 'texts.part'))} AS text,
      ${sql.raw(sqlOfHasMore('messages.content', 'texts.part'))} AS has_more
    FROM search_texts AS texts JOIN messages ON messages.id = texts.message_id
    WHERE texts.waiting = ${sql.lit(waiting)}
    ORDER BY texts.id ${sql.raw(isNew ? 'ASC' : 'DESC')} LIMIT ${sql.lit(limit)}
    FOR UPDATE OF texts ${sql.raw(skipsLocked ? 'SKIP LOCKED' : '')}`.execute(transaction);
  const writes = rows.flatMap((row) => [
    transaction.prepared.change(
      'UPDATE search_texts SET grams = $1::integer[], waiting = NULL WHERE id = $2',
      [gramsOfText(row.owner_id, row.text), row.id],
    ),
    ...(row.has_more ? [insertPart(transaction, row)] : []),
  ]);
  await Promise.all(writes);
  return rows.length === limit;
}

const insertPart = (transaction: WriteTransaction, { message_id, owner_id, part }: WaitingText) =>
  transaction.prepared.change(
    `INSERT INTO search_texts (message_id, owner_id, part, waiting) VALUES ($1, $2, $3, 'later')`,
    [message_id, owner_id, part + 1],
  );
