/**
 * Follows the feed for the workspace, and reports when it has begun: what is read after that misses nothing that the
 * feed does not report.
 */
import type { FeedListener } from '@rill/client/source';

export interface WorkspaceFeedOptions {
  readonly followFeed: (listener: FeedListener) => () => void;
  readonly feedStartWaitMs: number;
}

export class WorkspaceFeed {
  /** True once it has begun. */
  hasBegun = false;
  readonly #options: WorkspaceFeedOptions;
  readonly #listener: FeedListener;
  #unfollow: () => void = () => undefined;
  #endWait: () => void = () => undefined;
  #isBeginning = false;
  /** What is to be read once, when the wait for its begin is over. */
  #held: (() => void) | null = null;

  constructor(options: WorkspaceFeedOptions, listener: FeedListener) {
    this.#options = options;
    this.#listener = listener;
  }

  /** Follows it from here on. Resolves when it has begun, another tab follows it, or it will not begin soon. */
  follow(): Promise<void> {
    this.stop();
    this.hasBegun = false;
    const { promise, resolve } = Promise.withResolvers<void>();
    const { feedStartWaitMs } = this.#options;
    const end = () => {
      clearTimeout(timer);
      this.#isBeginning = false;
      this.#readHeld();
      resolve();
    };
    const timer = feedStartWaitMs > 0 ? setTimeout(end, feedStartWaitMs) : undefined;
    this.#isBeginning = timer !== undefined;
    if (timer === undefined) resolve();
    this.#endWait = end;
    const listener = this.#listener;
    this.#unfollow = this.#options.followFeed({
      onEvent: (event, isReader) => {
        if (event.type === 'feed-start') this.#held = null;
        listener.onEvent(event, isReader);
        this.#endWait();
      },
      onConnection: (isConnected) => {
        listener.onConnection(isConnected);
        if (!isConnected) this.#endWait();
      },
      onFailure: (error) => {
        listener.onFailure(error);
        this.#endWait();
      },
      onShared: () => this.#endWait(),
    });
    return promise;
  }

  /**
   * Reads now, or while the feed is beginning when that wait is over; not at all once it has begun, because then its
   * listener reads what is shown.
   */
  readOnce(read: () => void): void {
    this.#readHeld();
    if (this.#isBeginning) this.#held = read;
    else read();
  }

  stop(): void {
    this.#unfollow();
    this.#held = null;
    this.#endWait();
  }

  #readHeld(): void {
    const read = this.#held;
    this.#held = null;
    read?.();
  }
}
