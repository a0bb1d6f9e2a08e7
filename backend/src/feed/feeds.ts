/** The feed of each person who has asked for one. Whoever commits a change publishes it here, after the commit. */
import type { FeedEvent } from '@rill/protocol';
import { Feed, type FeedLimits } from './feed.ts';

/** Some hundred answers; what a reader misses beyond that it reads again. */
const defaultLimits: FeedLimits = { maxKeptEvents: 1000, maxKeptBytes: 1024 * 1024 };

export class Feeds {
  readonly #newId: () => string;
  readonly #limits: FeedLimits;
  readonly #byOwner = new Map<string, Feed>();
  #isClosed = false;

  constructor(newId: () => string, limits: FeedLimits = defaultLimits) {
    this.#newId = newId;
    this.#limits = limits;
  }

  /** The person's feed. It begins when it is first asked for: nobody can have missed what was before. */
  open(ownerId: string): Feed {
    const known = this.#byOwner.get(ownerId);
    if (known) return known;
    const feed = new Feed(this.#newId(), this.#limits);
    if (this.#isClosed) feed.close();
    this.#byOwner.set(ownerId, feed);
    return feed;
  }

  /** Tells the person's readers of a change that is committed, and nobody else's. Never throws. */
  publish(ownerId: string, event: FeedEvent): void {
    this.#byOwner.get(ownerId)?.publish(event);
  }

  /** Ends every reader, also those who come later. */
  close(): void {
    this.#isClosed = true;
    for (const feed of this.#byOwner.values()) feed.close();
  }
}
