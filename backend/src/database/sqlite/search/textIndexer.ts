/**
 * Indexes waiting texts in short transactions with pauses between them: new texts shortly after their commit, so that
 * no answer waits for the index, or at once when a search needs them; then long texts and those that an earlier version
 * wrote, newest first.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Clock } from '../../../clock.ts';
import { sqlOfHasMore, sqlOfPart } from '../../texts/textParts.ts';
import { toIndexText } from '../../texts/trigrams.ts';

/** Size of a background batch, in characters: it blocks everything else for a few milliseconds. */
const batchCharacters = 20_000;
/** Fixed cost of a text, in characters. */
const leastCharacters = 100;
/** Share of the time that batches may take, so that answers in progress are hardly delayed. */
const timePart = 0.5;
const shortestPauseMs = 5;
/** Delay between a change and its indexing: indexing changes together takes a tenth of the time and pages. */
const gatheringMs = 250;

export interface TextIndexerOptions {
  readonly connection: DatabaseSync;
  /** Runs work in its own transaction, in turn with all others. */
  readonly inTransaction: (work: () => boolean) => Promise<boolean>;
  readonly clock: Clock;
}

interface WaitingText {
  readonly id: number;
  readonly message_id: string;
  readonly part: number;
  readonly text: string;
  readonly has_more: number;
}

export class TextIndexer {
  readonly #options: TextIndexerOptions;
  readonly #statements: ReturnType<typeof prepareStatements>;
  #isAwake = false;
  /** True when something may have changed since the last batch began. */
  #isWoken = false;
  #isClosed = false;
  #cancelPause: (() => void) | undefined;

  constructor(options: TextIndexerOptions) {
    this.#options = options;
    this.#statements = prepareStatements(options.connection);
    // Texts that another program wrote since the last start, or that were written just before a crash.
    options.connection.exec(`UPDATE search_texts SET waiting = 'later' WHERE waiting = 'now'`);
    this.#wakeAfter(shortestPauseMs);
  }

  /** Call this after every transaction that may have changed a text. */
  readonly wake = (): void => this.#wakeAfter(gatheringMs);

  /** Indexes the new texts that are committed now; false when they could not be. */
  async indexNew(): Promise<boolean> {
    const { newTexts } = this.#statements;
    try {
      while (newTexts.get() && (await this.#options.inTransaction(() => this.#indexBatchOf(newTexts))));
      return true;
    } catch {
      // A full disk, or a database locked for long: the search then runs without the texts that are not indexed.
      return false;
    }
  }

  /** Indexes what is new, then stops. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelPause?.();
    await this.indexNew();
  }

  #wakeAfter(pauseMs: number): void {
    this.#isWoken = true;
    if (this.#isAwake || this.#isClosed) return;
    this.#isAwake = true;
    this.#pause(pauseMs);
  }

  #pause(pauseMs: number): void {
    this.#cancelPause = this.#options.clock.schedule(pauseMs, () => void this.#indexInBackground());
  }

  async #indexInBackground(): Promise<void> {
    try {
      this.#isWoken = false;
      let tookMs = 0;
      const isMoreWaiting =
        this.#statements.isAnyWaiting.get() !== undefined &&
        (await this.#options.inTransaction(() => {
          const startedMs = this.#options.clock.elapsedMs();
          const isMoreWaiting = this.#indexBatch();
          tookMs = this.#options.clock.elapsedMs() - startedMs;
          return isMoreWaiting;
        }));
      if (this.#isClosed) return;
      if (isMoreWaiting) return this.#pause(Math.max(shortestPauseMs, tookMs / timePart - tookMs));
      if (this.#isWoken) return this.#pause(gatheringMs);
    } catch {
      // A full disk, or a database locked for long: waiting texts are indexed after the next change.
    }
    this.#isAwake = false;
  }

  /** True when more may wait. */
  #indexBatch(): boolean {
    if (this.#isClosed) return false;
    const { newTexts, newestWaiting } = this.#statements;
    return this.#indexBatchOf(newTexts) || this.#indexBatchOf(newestWaiting);
  }

  /** True when more of them may wait. */
  #indexBatchOf(texts: StatementSync): boolean {
    for (let characters = 0; characters < batchCharacters; ) {
      const row = texts.get() as unknown as WaitingText | undefined;
      if (!row) return false;
      this.#index(row);
      characters += row.text.length + leastCharacters;
    }
    return true;
  }

  #index({ id, message_id, part, text, has_more }: WaitingText): void {
    const { insert, markIndexed, insertPart } = this.#statements;
    insert.run(id, toIndexText(text));
    markIndexed.run(id);
    if (has_more) insertPart.run(message_id, part + 1);
  }
}

function prepareStatements(connection: DatabaseSync) {
  const prepareTexts = (text: string, hasMore: string, rest: string) =>
    connection.prepare(
      `SELECT texts.id, texts.message_id, texts.part, ${text} AS text, ${hasMore} AS has_more
       FROM search_texts AS texts JOIN messages ON messages.id = texts.message_id ${rest}`,
    );
  return {
    newTexts: prepareTexts('content', '0', `WHERE texts.waiting = 'now' ORDER BY texts.id LIMIT 1`),
    newestWaiting: prepareTexts(
      sqlOfPart('content', 'texts.part'),
      sqlOfHasMore('content', 'texts.part'),
      `WHERE texts.waiting = 'later' ORDER BY texts.id DESC LIMIT 1`,
    ),
    isAnyWaiting: connection.prepare('SELECT 1 FROM search_texts WHERE waiting IS NOT NULL LIMIT 1'),
    insert: connection.prepare('INSERT INTO search_index (rowid, text) VALUES (?, ?)'),
    markIndexed: connection.prepare('UPDATE search_texts SET waiting = NULL WHERE id = ?'),
    insertPart: connection.prepare(
      `INSERT INTO search_texts (message_id, part, waiting) VALUES (?, ?, 'later')`,
    ),
  };
}
