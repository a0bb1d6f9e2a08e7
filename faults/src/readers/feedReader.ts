/**
 * Reads the live feed through all faults of nodes and lines, after each break from its last position on, and checks
 * that the numbers of changes are consecutive. It shares no code with the client.
 */
import { setTimeout } from 'node:timers/promises';
import { type ReadMessage, readRawStream } from './rawStream.ts';

/** A received change: the name of the feed, its number in it, and its content. */
export interface ToldChange {
  readonly feed: string;
  readonly no: number;
  readonly type: string;
  readonly data: string;
}

/** Silence after which it reconnects: the server sends something at least every 4 s. */
const silenceMs = 10_000;
const pauseMs = 100;

export class FeedReader {
  readonly told: ToldChange[] = [];
  readonly problems: string[] = [];
  /** How often it was told to read everything again. */
  resetCount = 0;
  #last: { readonly feed: string; readonly no: number } | null = null;
  #isAtStart = false;
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;

  constructor(url: string) {
    this.#done = this.#read(url);
  }

  /** The position after the last received change. */
  get last(): { readonly feed: string; readonly no: number } | null {
    return this.#last;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#done;
  }

  async #read(url: string): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#isAtStart = true;
      const last = this.#last;
      const { status, text } = await readRawStream({
        url,
        method: 'GET',
        headers: last ? { 'last-event-id': `${last.feed}.${last.no}` } : {},
        silenceMs,
        signal,
        onMessage: (message) => this.#take(message),
      });
      if (status !== null && status !== 200 && status < 500)
        this.problems.push(`a reader of the feed was refused with ${status}: ${text.slice(0, 200)}`);
      await setTimeout(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  #take({ id = '', event: type = 'message', data }: ReadMessage): void {
    const end = id.lastIndexOf('.');
    const [feed, no] = [id.slice(0, end), Number(id.slice(end + 1))];
    const last = this.#last;
    this.#last = { feed, no };
    const isStart = type === 'feed-start';
    if (this.#isAtStart !== isStart && this.#isAtStart)
      this.problems.push(`a feed began with ${type}, not with its start`);
    this.#isAtStart = false;
    if (isStart) {
      const { isWhole } = JSON.parse(data) as { isWhole: boolean };
      if (!isWhole) this.resetCount += 1;
      else if (last?.feed !== feed || last.no !== no)
        this.problems.push(`a feed continues at ${id}, and its reader was at ${last?.feed}.${last?.no}`);
      return;
    }
    if (last?.feed !== feed || no !== last.no + 1)
      this.problems.push(`change ${id} of the feed came after ${last?.feed}.${last?.no}`);
    this.told.push({ feed, no, type, data });
  }
}
