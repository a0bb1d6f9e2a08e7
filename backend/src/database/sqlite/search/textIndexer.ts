/**
 * Puts into the index what waits for it: new texts before their transaction commits, long ones and those of an earlier
 * version in the background, the newest first, in short transactions with pauses between them.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../../clock.ts';
import { sqlOfHasMore, sqlOfPart } from './textParts.ts';
import { toIndexText } from './trigrams.ts';

/** What a batch in the background may hold, in characters: it holds up everything else for a few milliseconds. */
const batchCharacters = 20_000;
/** What a text costs besides its own characters. */
const leastCharacters = 100;
/** A batch takes at most this part of the time, so that answers being written hardly notice. */
const timePart = 0.5;
const shortestPauseMs = 5;

export interface TextIndexerOptions {
  readonly connection: DatabaseSync;
  /** Runs work in a transaction of its own, in turn with all others. */
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
  #isClosed = false;
  #cancelPause: (() => void) | undefined;

  constructor(options: TextIndexerOptions) {
    this.#options = options;
    this.#statements = prepareStatements(options.connection);
    // Written by another program since the last start.
    options.connection.exec(`UPDATE search_texts SET waiting = 'later' WHERE waiting = 'now'`);
    this.wake();
  }

  /** To be called at the end of a transaction, and in it. */
  readonly indexNew = (): void => {
    for (const row of this.#statements.newTexts.all()) this.#index(row as unknown as WaitingText);
  };

  /** To be called when something may wait for the background. */
  readonly wake = (): void => {
    if (this.#isAwake || this.#isClosed || !this.#statements.isAnyWaiting.get()) return;
    this.#isAwake = true;
    this.#pause(shortestPauseMs);
  };

  close(): void {
    this.#isClosed = true;
    this.#cancelPause?.();
  }

  #pause(pauseMs: number): void {
    this.#cancelPause = this.#options.clock.schedule(pauseMs, () => void this.#indexBatch());
  }

  async #indexBatch(): Promise<void> {
    try {
      let tookMs = 0;
      const isMoreWaiting = await this.#options.inTransaction(() => {
        const startedMs = this.#options.clock.elapsedMs();
        const isMoreWaiting = !this.#isClosed && this.#indexOld();
        tookMs = this.#options.clock.elapsedMs() - startedMs;
        return isMoreWaiting;
      });
      if (isMoreWaiting) return this.#pause(Math.max(shortestPauseMs, tookMs / timePart - tookMs));
    } catch {
      // A disk that is full, or a database that is locked for long: what waits is indexed after the next change.
    }
    this.#isAwake = false;
  }

  /** True when more may wait. */
  #indexOld(): boolean {
    for (let characters = 0; characters < batchCharacters; ) {
      const row = this.#statements.newestWaiting.get() as unknown as WaitingText | undefined;
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
    newTexts: prepareTexts('content', '0', `WHERE texts.waiting = 'now'`),
    newestWaiting: prepareTexts(
      sqlOfPart('content', 'texts.part'),
      sqlOfHasMore('content', 'texts.part'),
      `WHERE texts.waiting = 'later' ORDER BY texts.id DESC LIMIT 1`,
    ),
    isAnyWaiting: connection.prepare(`SELECT 1 FROM search_texts WHERE waiting = 'later' LIMIT 1`),
    insert: connection.prepare('INSERT INTO search_index (rowid, text) VALUES (?, ?)'),
    markIndexed: connection.prepare('UPDATE search_texts SET waiting = NULL WHERE id = ?'),
    insertPart: connection.prepare(
      `INSERT INTO search_texts (message_id, part, waiting) VALUES (?, ?, 'later')`,
    ),
  };
}
