/**
 * Fakes a browser with tabs: locks and channels among them as the real ones behave, and pages that a test hides or
 * freezes.
 */
import type { LockRequester, TabChannel, TabEnvironment } from '../src/tabs/tabEnvironment.ts';

export interface FakeTab extends TabEnvironment {
  hide(): void;
  show(): void;
  /** Freezes the page, as the back-forward cache does. */
  freeze(): void;
  thaw(): void;
}

export class FakeBrowser {
  readonly #locks = new Map<string, (() => void)[]>();
  readonly #held = new Set<string>();
  readonly #channels = new Map<string, Set<TabChannel>>();

  newTab({ hasLocks = true }: { readonly hasLocks?: boolean } = {}): FakeTab {
    const window = new EventTarget();
    const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
    const setVisible = (visibilityState: string): void => {
      document.visibilityState = visibilityState;
      document.dispatchEvent(new Event('visibilitychange'));
    };
    return {
      window,
      document,
      locks: hasLocks ? this.#lockRequester() : null,
      openChannel: (name) => this.#openChannel(name),
      hide: () => setVisible('hidden'),
      show: () => setVisible('visible'),
      freeze: () => void window.dispatchEvent(new Event('pagehide')),
      thaw: () => void window.dispatchEvent(new Event('pageshow')),
    };
  }

  #lockRequester(): LockRequester {
    return {
      request: async (name, { signal, ifAvailable = false }, callback) => {
        if (ifAvailable && this.#held.has(name)) return callback(null);
        await this.#waitFor(name, signal);
        try {
          return await callback({ name });
        } finally {
          this.#held.delete(name);
          this.#locks.get(name)?.shift()?.();
        }
      },
    };
  }

  async #waitFor(name: string, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#held.has(name)) {
      const waiting = this.#locks.get(name) ?? [];
      this.#locks.set(name, waiting);
      await new Promise<void>((resolve, reject) => {
        waiting.push(resolve);
        signal?.addEventListener('abort', () => {
          const index = waiting.indexOf(resolve);
          if (index >= 0) waiting.splice(index, 1);
          reject(signal.reason);
        });
      });
    }
    this.#held.add(name);
  }

  #openChannel(name: string): TabChannel {
    const peers = this.#channels.get(name) ?? new Set();
    this.#channels.set(name, peers);
    const channel: TabChannel = {
      onmessage: null,
      postMessage: (message) => {
        for (const peer of peers) {
          const data: unknown = structuredClone(message);
          if (peer !== channel)
            queueMicrotask(() => peers.has(peer) && peer.onmessage?.({ data } as MessageEvent));
        }
      },
      close: () => void peers.delete(channel),
    };
    peers.add(channel);
    return channel;
  }
}

/** Runs everything that is ready. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** An iteration that a test feeds, which ends when its signal aborts. */
export class Fed<Item> implements AsyncIterable<Item> {
  readonly #items: Item[] = [];
  #wake: () => void = () => undefined;
  #error: Error | null = null;
  #isEnded = false;
  /** True once nothing more is read from it. */
  isOver = false;

  constructor(signal: AbortSignal | undefined) {
    if (signal?.aborted) this.isOver = true;
    signal?.addEventListener('abort', () => {
      this.isOver = true;
      this.#wake();
    });
  }

  feed(...items: Item[]): void {
    this.#items.push(...items);
    this.#wake();
  }

  /** What was fed before is still read. */
  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  fail(error: Error): void {
    this.#error = error;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    try {
      for (;;) {
        if (this.#error) throw this.#error;
        if (this.isOver) return;
        const item = this.#items.shift();
        if (item !== undefined) yield item;
        else if (this.#isEnded) return;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.isOver = true;
    }
  }
}
