/**
 * Parses conversations in a worker thread, so that none delays a running answer. The thread has a memory limit of its
 * own: a conversation that exceeds it ends the thread and is reported, and the next one starts another thread.
 */
import { Worker } from 'node:worker_threads';
import type { ImportProduct } from '../form/importedChat.ts';
import type { ItemBytes } from './jsonItems.ts';
import type { ConversationReading } from './readConversation.ts';

export interface ReadingRequest {
  readonly number: number;
  readonly bytes: ItemBytes;
  readonly fallbackTimeMs: number;
  /** What is wanted: which product it is of, the number of its messages, or all of it. */
  readonly work: 'recognise' | 'count' | 'read';
}

export interface NumberedReading {
  readonly number: number;
  /** Of the product that was recognised. */
  readonly product?: ImportProduct | null;
  readonly messageCount: number;
  readonly reading?: ConversationReading;
}

/** What a conversation of the largest size takes when it is parsed, in MiB. */
const defaultMemoryMib = 640;
/** What is given up early costs little to give up; a larger one grows the memory for nothing. */
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

  /** Null when the memory was used up: then the first that waits was too large, and another thread reads the rest. */
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
