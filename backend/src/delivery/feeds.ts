/** Holds the feed of each user who has asked for one. Every committed change is published here, after the commit. */
import type { FeedEvent } from '@rill/protocol';
import { type FeedLimits, FeedSource } from './feedSource.ts';

/** Some hundred answers; what a reader misses beyond that it reads again. */
const defaultLimits: FeedLimits = { maxKeptEvents: 1000, maxKeptBytes: 1024 * 1024 };

/** Events of one commit that readers get; with more, reading the lists again costs them less. */
const maxEventsAtOnce = 50;

export class Feeds {
  readonly #newId: () => string;
  readonly #limits: FeedLimits;
  readonly #pageBuild: () => string | null;
  readonly #byOwner = new Map<string, FeedSource>();
  #isClosed = false;

  /** `pageBuild` names the page that the server has, for tabs that hold an older one. */
  constructor(
    newId: () => string,
    limits: FeedLimits = defaultLimits,
    pageBuild: () => string | null = () => null,
  ) {
    this.#newId = newId;
    this.#limits = limits;
    this.#pageBuild = pageBuild;
  }

  /** The user's feed. It begins when it is first asked for: no reader can have missed what was before. */
  open(ownerId: string): FeedSource {
    const known = this.#byOwner.get(ownerId);
    if (known) return known;
    const feed = new FeedSource(this.#newId(), this.#limits, this.#pageBuild);
    if (this.#isClosed) feed.close();
    this.#byOwner.set(ownerId, feed);
    return feed;
  }

  /** Publishes a committed change to the user's readers and no others. Never throws. */
  publish(ownerId: string, event: FeedEvent): void {
    this.#byOwner.get(ownerId)?.publish(event);
  }

  /** Publishes a change that concerns all users. */
  publishToEveryone(event: FeedEvent): void {
    for (const feed of this.#byOwner.values()) feed.publish(event);
  }

  /** Publishes the events of one commit; if they are many, its readers are told to read again instead. */
  publishAll(ownerId: string, events: readonly FeedEvent[]): void {
    const feed = this.#byOwner.get(ownerId);
    if (events.length > maxEventsAtOnce) feed?.reset();
    else for (const event of events) feed?.publish(event);
  }

  /** Tells the user's readers to read again: for changes that are too many to be told. */
  reset(ownerId: string): void {
    this.#byOwner.get(ownerId)?.reset();
  }

  /** Ends every reader, also those who come later. */
  close(): void {
    this.#isClosed = true;
    for (const feed of this.#byOwner.values()) feed.close();
  }
}
