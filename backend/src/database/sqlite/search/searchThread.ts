/**
 * Searches in a worker thread, so that no search holds up an answer that is being written. The thread starts with the
 * first search and ends when none has come for a while.
 */
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../../clock.ts';
import type { FoundTexts, TextQuery, TextSearch } from '../../database.ts';

export interface NumberedQuery {
  readonly number: number;
  readonly query: TextQuery;
}
export interface NumberedAnswer {
  readonly number: number;
  readonly found?: FoundTexts;
  readonly failure?: string;
}

/** Without a search for this long, in milliseconds, the thread ends: an idle server keeps none. */
const idleMs = 60_000;

interface Waiting {
  readonly resolve: (found: FoundTexts) => void;
  readonly reject: (error: Error) => void;
}

export class SqliteTextSearch implements TextSearch {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #count = 0;
  #cancelIdle: (() => void) | undefined;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  async find(query: TextQuery): Promise<FoundTexts> {
    this.#count += 1;
    const number = this.#count;
    this.#watchForIdle();
    this.#worker ??= this.#startWorker();
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      worker.postMessage({ number, query } satisfies NumberedQuery);
    });
  }

  async close(): Promise<void> {
    this.#cancelIdle?.();
    await this.#worker?.terminate();
  }

  #startWorker(): Worker {
    const worker = new Worker(new URL('./searchWorker.ts', import.meta.url), {
      workerData: { path: this.#path },
    });
    worker.on('message', (answer: NumberedAnswer) => this.#take(answer));
    worker.once('error', (error) => this.#fail(worker, error));
    worker.once('exit', () => this.#fail(worker, new Error('The search was ended.')));
    worker.unref();
    return worker;
  }

  #take({ number, found, failure }: NumberedAnswer): void {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    if (found) waiting?.resolve(found);
    else waiting?.reject(new Error(failure));
  }

  /** The next search starts another thread. */
  #fail(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const failed = [...this.#waiting.values()];
    this.#waiting.clear();
    const cause = error instanceof Error ? error : new Error(String(error));
    for (const { reject } of failed) reject(cause);
  }

  #watchForIdle(): void {
    this.#cancelIdle?.();
    this.#cancelIdle = this.#clock.schedule(idleMs, () => {
      this.#cancelIdle = undefined;
      if (this.#waiting.size > 0) return;
      const worker = this.#worker;
      // First, so that the next search does not ask a thread that is ending.
      this.#worker = undefined;
      void worker?.terminate();
    });
  }
}
