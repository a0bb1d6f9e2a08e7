/**
 * Keeps feeds in memory, for a process that has its database to itself: events are in commit order, and nothing is
 * stored.
 */
import type { FeedEvent } from '@rill/protocol';
import type { AfterCommit } from '../../database/database.ts';
import { defaultFeedLimits, type FeedLimits } from './feedBuffer.ts';
import { FeedSource } from './feedSource.ts';
import { type Feeds, maxEventsAtOnce } from './feeds.ts';

export class MemoryFeeds implements Feeds {
  readonly #newId: () => string;
  readonly #limits: FeedLimits;
  readonly #pageBuild: () => string | null;
  readonly #byOwner = new Map<string, FeedSource>();
  #isClosed = false;

  /** `pageBuild` names the build of the server's page, for tabs with an older one. */
  constructor(
    newId: () => string,
    limits: FeedLimits = defaultFeedLimits,
    pageBuild: () => string | null = () => null,
  ) {
    this.#newId = newId;
    this.#limits = limits;
    this.#pageBuild = pageBuild;
  }

  get unstored(): this {
    return this;
  }

  async open(ownerId: string, cursorText: string | null) {
    const source = this.sourceOf(ownerId);
    return { source, cursor: source.positionOf(cursorText) };
  }

  /** The user's feed. It starts with its first reader: no reader can have missed earlier events. */
  sourceOf(ownerId: string): FeedSource {
    const known = this.#byOwner.get(ownerId);
    if (known) return known;
    const feed = new FeedSource(this.#newId(), this.#limits, this.#pageBuild);
    if (this.#isClosed) feed.close();
    this.#byOwner.set(ownerId, feed);
    return feed;
  }

  add(afterCommit: AfterCommit, ownerId: string, events: readonly FeedEvent[]): void {
    afterCommit(() => this.publish(ownerId, events));
  }

  publishToEveryone(event: FeedEvent): void {
    for (const feed of this.#byOwner.values()) feed.publish(event);
  }

  reset(ownerId: string): void {
    this.#byOwner.get(ownerId)?.reset();
  }

  close(): void {
    this.#isClosed = true;
    for (const feed of this.#byOwner.values()) feed.close();
  }

  publish(ownerId: string, events: readonly FeedEvent[]): void {
    const feed = this.#byOwner.get(ownerId);
    if (events.length > maxEventsAtOnce) feed?.reset();
    else for (const event of events) feed?.publish(event);
  }
}
