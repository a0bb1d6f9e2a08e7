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
    const timer = feedStartWaitMs > 0 ? setTimeout(resolve, feedStartWaitMs) : undefined;
    if (timer === undefined) resolve();
    this.#endWait = () => {
      clearTimeout(timer);
      resolve();
    };
    const listener = this.#listener;
    this.#unfollow = this.#options.followFeed({
      onEvent: (event, isReader) => {
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

  stop(): void {
    this.#unfollow();
    this.#endWait();
  }
}
