/**
 * Parses conversations in a worker thread, so that none delays a running answer. The thread has its own memory limit: a
 * conversation that exceeds it ends the thread and is reported, and the next one starts another thread.
 */
import { Worker } from 'node:worker_threads';
import type { ImportProduct } from '../form/importedChat.ts';
import type { ItemBytes } from './jsonItems.ts';
import type { ConversationReading } from './readConversation.ts';

export interface ReadingRequest {
  readonly number: number;
  readonly bytes: ItemBytes;
  readonly fallbackTimeMs: number;
  /** What to determine: the product, the number of messages, or everything. */
  readonly work: 'recognise' | 'count' | 'read';
}

export interface NumberedReading {
  readonly number: number;
  /** The recognised product. */
  readonly product?: ImportProduct | null;
  readonly messageCount: number;
  readonly reading?: ConversationReading;
}

/** Memory for parsing a conversation of the largest size, in MiB. */
const defaultMemoryMib = 640;
/** Garbage from parsing is mostly short-lived, so a larger young generation would only take memory. */
const youngMemoryMib = 8;

interface Waiting {
  readonly request: ReadingRequest;
  readonly resolve: (answer: NumberedReading) => void;
  readonly reject: (error: Error) => void;
}

export class ReadingThread {
  readonly #waiting = new Map<number, Waiting>();
  readonly #memoryMib: number;
  #worker: Worker | undefined;
  #count = 0;

  constructor(memoryMib = defaultMemoryMib) {
    this.#memoryMib = memoryMib;
  }

  async read(bytes: ItemBytes, fallbackTimeMs: number): Promise<ConversationReading> {
    const { reading } = await this.#ask({ bytes, fallbackTimeMs, work: 'read' });
    return reading ?? tooLarge;
  }

  /** The product whose conversation it is; null for none. */
  async recognise(bytes: ItemBytes): Promise<ImportProduct | null> {
    return (await this.#ask({ bytes, fallbackTimeMs: 0, work: 'recognise' })).product ?? null;
  }

  /** The number of messages; 0 for what is no conversation, or has none. */
  async countMessages(bytes: ItemBytes): Promise<number> {
    return (await this.#ask({ bytes, fallbackTimeMs: 0, work: 'count' })).messageCount;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #ask(request: Omit<ReadingRequest, 'number'>): Promise<NumberedReading> {
    this.#count += 1;
    const numbered: ReadingRequest = { ...request, number: this.#count };
    return new Promise((resolve, reject) => this.#send({ request: numbered, resolve, reject }));
  }

  #send(waiting: Waiting): void {
    this.#waiting.set(waiting.request.number, waiting);
    this.#worker ??= this.#startWorker();
    this.#worker.postMessage(waiting.request);
  }

  #startWorker(): Worker {
    const worker = new Worker(new URL('./readingWorker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: this.#memoryMib, maxYoungGenerationSizeMb: youngMemoryMib },
    });
    worker.on('message', (answer: NumberedReading) => {
      this.#waiting.get(answer.number)?.resolve(answer);
      this.#waiting.delete(answer.number);
    });
    worker.once('error', (error: NodeJS.ErrnoException) =>
      this.#end(worker, error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? null : error),
    );
    worker.once('exit', () => this.#end(worker, new Error('The thread was ended.')));
    worker.unref();
    return worker;
  }

  /**
   * `error` is null when the memory limit was hit: the first waiting item was too large, and another thread reads the
   * rest.
   */
  #end(worker: Worker, error: Error | null): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const [first, ...others] = this.#waiting.values();
    this.#waiting.clear();
    if (error) for (const { reject } of first ? [first, ...others] : []) reject(error);
    else {
      first?.resolve({ number: first.request.number, messageCount: 0 });
      for (const waiting of others) this.#send(waiting);
    }
  }
}

const tooLarge: ConversationReading = { problem: 'It is too large.' };
