/**
 * Determines which process works on an import when several share a database: the node whose id is in its row. Another
 * node claims the import of a node that has ended. A user may stop an import at any node: that is stored, and the
 * worker checks for it.
 */
import type { Clock } from '../../clock.ts';
import type { Database, WriteTransaction } from '../../database/database.ts';
import {
  claimImports,
  isHeldByNode,
  isStopped,
  listUnfinishedImports,
  type UnfinishedImport,
} from '../../store/imports.ts';

export interface OwnerOptions {
  readonly database: Database;
  readonly bootId: string;
  readonly clock: Clock;
}

/** Time between two checks for a stop, and how long a stop waits for the worker, in milliseconds. */
const lookMs = 500;
const maxWaitMs = 10_000;

export class ImportOwner {
  readonly #options: OwnerOptions;
  readonly #hasNodes: boolean;

  constructor(options: OwnerOptions) {
    this.#options = options;
    this.#hasNodes = options.database.hasNodes;
  }

  /** Stored in the row of an import while this process works on it. */
  get id(): string | null {
    return this.#hasNodes ? this.#options.bootId : null;
  }

  /** The imports to continue: all that an earlier process left, or those of nodes that have ended. */
  claim(): Promise<UnfinishedImport[]> {
    const { bootId, database } = this.#options;
    return this.#hasNodes
      ? database.transaction((transaction) => claimImports(transaction, bootId))
      : listUnfinishedImports(database.reader);
  }

  /**
   * Called in each transaction that stores something. Errors: once this node is fenced, because another one continues
   * the import.
   */
  async assertAlive(transaction: WriteTransaction): Promise<void> {
    const { bootId, database } = this.#options;
    if (!this.#hasNodes || (await database.locks.node(transaction, bootId))) return;
    throw new Error('Another node continues this import.');
  }

  /** Calls back once another process has stopped or deleted the import; the returned function ends the checks. */
  watch(importId: string, onStopped: () => void): () => void {
    if (!this.#hasNodes) return () => undefined;
    const { clock, database } = this.#options;
    const state = { isOver: false, cancelTimer: (): void => undefined };
    const look = async (): Promise<void> => {
      // The database cannot be reached: the import continues, and checks again.
      const isEnded = await isStopped(database.reader, importId).catch(() => false);
      if (state.isOver) return;
      if (isEnded) onStopped();
      else plan();
    };
    const plan = (): void => {
      state.cancelTimer = clock.schedule(lookMs, () => void look());
    };
    plan();
    return () => {
      state.isOver = true;
      state.cancelTimer();
    };
  }

  /** Resolves when no node works on the import any more, or after a while. */
  async whenFree(importId: string): Promise<void> {
    const { clock, database } = this.#options;
    const startedAtMs = clock.elapsedMs();
    while (this.#hasNodes && (await isHeldByNode(database.reader, importId))) {
      if (clock.elapsedMs() - startedAtMs > maxWaitMs) return;
      await new Promise<void>((resolve) => clock.schedule(lookMs, resolve));
    }
  }
}
