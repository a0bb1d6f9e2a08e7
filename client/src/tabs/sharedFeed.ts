/**
 * Follows one feed for all tabs of a browser: the tab that holds the lock reads it and publishes to the others. When
 * that tab is closed or ends in any other way, the next one continues from the last event it has seen. Invariant: a tab
 * that may have missed something is told so by `feed-start` with `isWhole` false.
 */
import { type FeedEvent, RillError } from '@rill/protocol';
import type { RillClient } from '../rillClient.ts';
import type { TabChannel } from './tabEnvironment.ts';
import { type ReleaseLock, takeLock, waitForLock } from './tabLocks.ts';
import type { TabState } from './tabState.ts';

export interface SharedFeedOptions {
  readonly client: Pick<RillClient, 'followFeed'>;
  readonly tab: TabState;
}

export interface FeedListener {
  /**
   * Events replace state: one that arrives twice changes nothing. `isReader`: this tab read it from the server, for all
   * others.
   */
  readonly onEvent: (event: FeedEvent, isReader: boolean) => void;
  /** Whether the last request reached the server. Called at every change, also in the tab that reads. */
  readonly onConnection: (isConnected: boolean) => void;
  /** Another tab follows the feed already: what it reads is reported from here on, without a `feed-start`. */
  readonly onShared?: () => void;
  /** The server refuses the feed permanently, for example without a session. Nothing more is reported. */
  readonly onFailure: (error: RillError) => void;
}

/** The lock of the tab that follows the feed, and the channel on which it publishes. */
const sharedName = 'rill:1:feed';

interface ConnectionMessage {
  readonly isConnected: boolean;
}
interface FeedMessage {
  readonly event: FeedEvent;
  readonly cursor: string;
}

/**
 * Reports everything that happens from this call on, until the returned function is called. What is read after the
 * call is never older than what is reported.
 */
export function followSharedFeed(options: SharedFeedOptions, listener: FeedListener): () => void {
  const lifetime = new AbortController();
  const follower = new SharedFeedFollower(options, listener, lifetime.signal);
  follower.run().catch((cause: unknown) => {
    if (lifetime.signal.aborted) return;
    lifetime.abort();
    listener.onFailure(cause instanceof RillError ? cause : new RillError('internal', { cause }));
  });
  return () => lifetime.abort();
}

class SharedFeedFollower {
  readonly #options: SharedFeedOptions;
  readonly #listener: FeedListener;
  readonly #signal: AbortSignal;
  #cursor: string | undefined;
  #isLeader = false;

  constructor(options: SharedFeedOptions, listener: FeedListener, signal: AbortSignal) {
    this.#options = options;
    this.#listener = listener;
    this.#signal = signal;
  }

  async run(): Promise<void> {
    const { tab } = this.#options;
    const isShared = tab.environment.locks !== null;
    // A tab without locks follows only while it is visible: six of them would take all connections of the browser.
    const isOn = isShared ? tab.isAwake : tab.isVisible;
    for (let isFirst = true; !this.#signal.aborted; isFirst = false) {
      await tab.waitFor(isOn, this.#signal);
      const scope = tab.whileTrue(isOn, this.#signal);
      try {
        if (isShared) await this.#share(scope.signal, isFirst);
        else await this.#follow(scope.signal, null);
      } finally {
        scope.end();
      }
    }
  }

  /** Receives what the leader publishes, and leads as soon as there is no other. */
  async #share(signal: AbortSignal, isFirst: boolean): Promise<void> {
    if (signal.aborted) return;
    const { environment } = this.#options.tab;
    const channel = environment.openChannel(sharedName);
    channel.onmessage = ({ data }) => {
      // What the previous leader published is old: the server sends it again.
      if (this.#isLeader) return;
      if (isFeedMessage(data)) this.#apply(data, false);
      else if (isConnectionMessage(data)) this.#listener.onConnection(data.isConnected);
    };
    try {
      if (!isFirst) this.#listener.onEvent({ type: 'feed-start', data: { isWhole: false } }, false);
      const release = await this.#waitToLead(signal);
      if (!release) return;
      this.#isLeader = true;
      try {
        await this.#follow(signal, channel);
      } finally {
        this.#isLeader = false;
        release();
      }
    } finally {
      channel.close();
    }
  }

  async #waitToLead(signal: AbortSignal): Promise<ReleaseLock | null> {
    const { locks } = this.#options.tab.environment;
    const release = await takeLock(locks, [sharedName]);
    if (release && signal.aborted) release();
    if (release || signal.aborted) return signal.aborted ? null : release;
    this.#listener.onShared?.();
    return await waitForLock(locks, [sharedName], signal);
  }

  async #follow(signal: AbortSignal, channel: TabChannel | null): Promise<void> {
    const cursor = this.#cursor;
    const feed = this.#options.client.followFeed({ signal, ...(cursor !== undefined && { cursor }) });
    for await (const change of feed) {
      if (signal.aborted) return;
      if (change.type === 'connection') {
        if (change.state === 'connecting') continue;
        const isConnected = change.state !== 'reconnecting';
        channel?.postMessage({ isConnected } satisfies ConnectionMessage);
        this.#listener.onConnection(isConnected);
        continue;
      }
      const { event, cursor } = change;
      channel?.postMessage({ event, cursor } satisfies FeedMessage);
      this.#apply({ event, cursor }, true);
    }
  }

  #apply({ event, cursor }: FeedMessage, isReader: boolean): void {
    this.#cursor = cursor;
    this.#listener.onEvent(event, isReader);
  }
}

/** The sender is a tab of the same page, whose client has checked the event. */
function isFeedMessage(data: unknown): data is FeedMessage {
  return typeof data === 'object' && data !== null && 'event' in data && 'cursor' in data;
}

function isConnectionMessage(data: unknown): data is ConnectionMessage {
  return typeof data === 'object' && data !== null && 'isConnected' in data;
}
