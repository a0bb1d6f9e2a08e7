/**
 * One feed for all tabs of a browser: the tab that holds the lock follows it and tells the others. When that tab goes
 * away, however it goes, the next one goes on from the last event it has seen.
 * Invariant: whatever a tab may have missed, it is told so, by `feed-start` with `isWhole` false.
 */
import { type FeedEvent, RillError } from '@rill/protocol';
import type { RillClient } from './rillClient.ts';
import type { TabChannel } from './tabEnvironment.ts';
import { waitForLock } from './tabLocks.ts';
import type { TabState } from './tabState.ts';

export interface SharedFeedOptions {
  readonly client: Pick<RillClient, 'followFeed'>;
  readonly tab: TabState;
}

export interface FeedListener {
  /** State that replaces state: an event that comes twice, or again, changes nothing. */
  readonly onEvent: (event: FeedEvent) => void;
  /** The server refuses the feed for good, as without a sign-in. Nothing comes any more. */
  readonly onFailure: (error: RillError) => void;
}

/** The lock of the tab that follows the feed, and the channel on which it tells. */
const sharedName = 'rill:1:feed';

interface FeedNews {
  readonly event: FeedEvent;
  readonly cursor: string;
}

/**
 * Tells of everything that happens from this call on, until the returned function is called. What is read after the
 * call is never older than what is told.
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
    // A tab on its own follows only while it is seen: six of them would take all connections of the browser.
    const isOn = isShared ? tab.isAwake : tab.isVisible;
    for (let isFirst = true; !this.#signal.aborted; isFirst = false) {
      await tab.until(isOn, this.#signal);
      const stretch = tab.during(isOn, this.#signal);
      try {
        if (isShared) await this.#share(stretch.signal, isFirst);
        else await this.#follow(stretch.signal, null);
      } finally {
        stretch.end();
      }
    }
  }

  /** Hears what the leader tells, and leads as soon as there is no other. */
  async #share(signal: AbortSignal, isFirst: boolean): Promise<void> {
    if (signal.aborted) return;
    const { environment } = this.#options.tab;
    const channel = environment.openChannel(sharedName);
    channel.onmessage = ({ data }) => {
      // News of the leader before this one is old: the server tells it again.
      if (!this.#isLeader && isFeedNews(data)) this.#take(data);
    };
    try {
      if (!isFirst) this.#listener.onEvent({ type: 'feed-start', data: { isWhole: false } });
      const release = await waitForLock(environment.locks, [sharedName], signal);
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

  async #follow(signal: AbortSignal, channel: TabChannel | null): Promise<void> {
    const cursor = this.#cursor;
    const feed = this.#options.client.followFeed({ signal, ...(cursor !== undefined && { cursor }) });
    for await (const news of feed) {
      if (signal.aborted) return;
      if (news.type !== 'feed') continue;
      const { event, cursor } = news;
      channel?.postMessage({ event, cursor } satisfies FeedNews);
      this.#take({ event, cursor });
    }
  }

  #take({ event, cursor }: FeedNews): void {
    this.#cursor = cursor;
    this.#listener.onEvent(event);
  }
}

/** The sender is a tab of the same page, whose client has checked the event. */
function isFeedNews(data: unknown): data is FeedNews {
  return typeof data === 'object' && data !== null && 'event' in data && 'cursor' in data;
}
