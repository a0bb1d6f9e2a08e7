/**
 * Serves feeds whose events are stored, so that every process has all of them under the same cursors: event numbers are
 * dense for each user, in commit order. A process holds the feeds that are read in it, and reads new events in the
 * rounds of its tailer.
 */
import type { FeedEvent } from '@rill/protocol';
import type { Clock } from '../../clock.ts';
import type { AfterCommit, WriteTransaction } from '../../database/database.ts';
import { together } from '../../database/together.ts';
import type { TailedPart } from '../follow/tailer.ts';
import { defaultFeedLimits } from './feedBuffer.ts';
import { FeedSource } from './feedSource.ts';
import { type FeedReader, type Feeds, type FeedWriter, maxEventsAtOnce } from './feeds.ts';

/** An event to store; `reset` tells readers to read the lists again. */
export interface NewFeedEvent {
  readonly type: FeedEvent['type'] | 'reset';
  readonly dataJson: string;
}

export interface StoredFeedEvent {
  readonly ownerId: string;
  /** Dense and growing for each owner. */
  readonly no: number;
  readonly type: string;
  readonly dataJson: string;
}

/** How far an owner's feed was read. */
export interface FeedNumber {
  readonly ownerId: string;
  readonly no: number;
}

/** Where the events are stored. */
export interface FeedStore {
  /**
   * Numbers and stores the events in one statement, which is sent before this returns. It is the last of its
   * transaction.
   */
  append(transaction: WriteTransaction, ownerId: string, events: readonly NewFeedEvent[]): Promise<unknown>;
  /** The same in a separate transaction. */
  appendAlone(ownerId: string, events: readonly NewFeedEvent[]): Promise<unknown>;
  /** The name of the owner's feed, the number of its last event, and the stored events. */
  load(
    ownerId: string,
  ): Promise<{ readonly id: string; readonly lastNo: number; readonly events: readonly StoredFeedEvent[] }>;
  /**
   * The current names of the feeds, by owner. If a name differs from the loaded one, the database may have lost events,
   * and their numbers may have been used again.
   */
  names(ownerIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The events after these numbers, in order for each owner, at most `limit` for each. */
  readAfter(numbers: readonly FeedNumber[], limit: number): Promise<readonly StoredFeedEvent[]>;
}

export interface StoredFeedsOptions {
  readonly store: FeedStore;
  /** The process start. */
  readonly bootId: string;
  readonly clock: Clock;
  readonly logger: { warn(fields: object, message: string): void };
  /** Starts the rounds in which `readRound` is called. */
  readonly wake: () => void;
  /** Tells the other processes that something changed that is stored nowhere. Never fails. */
  readonly tellOthers?: (ownerId: string, events: readonly FeedEvent[]) => void;
  readonly pageBuild?: () => string | null;
}

const eventsPerRound = 500;
/** How long a new reader may take to start reading, in milliseconds. */
const beginMs = 5000;
/** Time between two checks of the feeds' names, in milliseconds. */
const namesMs = 2000;
/** How long a feed without readers is held, in milliseconds. */
const lingerMs = 60_000;

interface Entry {
  readonly id: string;
  readonly source: FeedSource;
  /** Number of the last event read. */
  no: number;
  /** Events of this process alone since that event. */
  unstoredCount: number;
  /** When it last had a reader. */
  readMs: number;
}

const reset: NewFeedEvent = { type: 'reset', dataJson: '{}' };

const toStored = (events: readonly FeedEvent[]): NewFeedEvent[] =>
  events.length > maxEventsAtOnce
    ? [reset]
    : events.map(({ type, data }) => ({ type, dataJson: JSON.stringify(data) }));

export class StoredFeeds implements Feeds, TailedPart {
  readonly #options: StoredFeedsOptions;
  readonly #entries = new Map<string, Promise<Entry>>();
  /** Those whose feed is loaded. */
  readonly #loaded = new Map<string, Entry>();
  /** Events that open transactions will publish, by the `afterCommit` of the attempt. */
  readonly #pending = new WeakMap<AfterCommit, Map<string, NewFeedEvent[]>>();
  #cancelTimer: (() => void) | undefined;
  #namedAtMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(options: StoredFeedsOptions) {
    this.#options = options;
  }

  readonly unstored: FeedWriter = {
    add: (afterCommit, ownerId, events) => afterCommit(() => this.unstored.publish(ownerId, events)),
    publish: (ownerId, events) => {
      for (const event of events) this.hear(ownerId, event);
      this.#options.tellOthers?.(ownerId, events);
    },
  };

  /** Publishes to the readers of this process what another one has told of a change that is stored nowhere. */
  hear(ownerId: string, event: FeedEvent): void {
    const entry = this.#loaded.get(ownerId);
    if (entry) this.#publishUnstored(entry, event);
  }

  add(afterCommit: AfterCommit, ownerId: string, events: readonly FeedEvent[]): void {
    const ofOwners = this.#pending.get(afterCommit) ?? new Map<string, NewFeedEvent[]>();
    this.#pending.set(afterCommit, ofOwners);
    ofOwners.set(ownerId, [...(ofOwners.get(ownerId) ?? []), ...toStored(events)]);
  }

  publish(ownerId: string, events: readonly FeedEvent[]): void {
    this.#appendAlone(ownerId, toStored(events));
  }

  /**
   * Stores what the transaction publishes. These are its last writes, in owner order, so that no two transactions
   * deadlock; all are sent at once.
   */
  writePending(transaction: WriteTransaction, afterCommit: AfterCommit): Promise<void> {
    const { store, wake } = this.#options;
    const ofOwners = this.#pending.get(afterCommit) ?? [];
    const ordered = [...ofOwners]
      .filter(([, events]) => events.length > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    if (ordered.length > 0) afterCommit(() => wake());
    return together(ordered.map(([ownerId, events]) => store.append(transaction, ownerId, events))).then(
      () => undefined,
    );
  }

  async open(ownerId: string, cursorText: string | null): Promise<FeedReader> {
    const known = await this.#entries.get(ownerId);
    if (known) await this.#dropRenamed([[ownerId, known]]);
    const kept = known && this.#entries.has(ownerId);
    const entry = await (kept ? known : this.#open(ownerId));
    // A reader may have read further at another process.
    if (kept) await this.#read([[ownerId, entry]]);
    entry.readMs = this.#options.clock.elapsedMs();
    this.#options.wake();
    return { source: entry.source, cursor: positionOf(entry.source, cursorText) };
  }

  publishToEveryone(event: FeedEvent): void {
    for (const entry of this.#loaded.values()) this.#publishUnstored(entry, event);
  }

  reset(ownerId: string): void {
    this.#appendAlone(ownerId, [reset]);
  }

  #appendAlone(ownerId: string, events: readonly NewFeedEvent[]): void {
    const { logger, store, wake } = this.#options;
    store.appendAlone(ownerId, events).then(wake, (error: unknown) => {
      logger.warn({ err: error }, 'the readers of a feed could not be told of a change');
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
    for (const { source } of this.#loaded.values()) source.close();
  }

  get isNeeded(): boolean {
    return [...this.#loaded.values()].some((entry) => this.#isRead(entry));
  }

  async readRound(): Promise<boolean> {
    const nowMs = this.#options.clock.elapsedMs();
    if (nowMs - this.#namedAtMs >= namesMs) {
      await this.#dropRenamed(this.#readEntries());
      this.#namedAtMs = nowMs;
    }
    return this.#read(this.#readEntries());
  }

  #readEntries(): (readonly [string, Entry])[] {
    return [...this.#loaded].filter(([, entry]) => this.#isRead(entry));
  }

  /** Ends the readers of feeds whose name has changed: they reconnect, and are told to read the lists again. */
  async #dropRenamed(entries: readonly (readonly [string, Entry])[]): Promise<void> {
    if (entries.length === 0) return;
    const names = await this.#options.store.names(entries.map(([ownerId]) => ownerId));
    for (const [ownerId, entry] of entries) {
      if (names.get(ownerId) === entry.id || this.#loaded.get(ownerId) !== entry) continue;
      this.#loaded.delete(ownerId);
      this.#entries.delete(ownerId);
      entry.source.close();
    }
  }

  /** Includes a feed that was just opened, whose reader is about to start. */
  #isRead(entry: Entry): boolean {
    return hasReaders(entry) || this.#options.clock.elapsedMs() - entry.readMs < beginMs;
  }

  #open(ownerId: string): Promise<Entry> {
    const opening = this.#load(ownerId);
    this.#entries.set(ownerId, opening);
    opening.catch(() => this.#entries.delete(ownerId));
    return opening;
  }

  async #load(ownerId: string): Promise<Entry> {
    const { clock, pageBuild, store } = this.#options;
    const { id, lastNo, events } = await store.load(ownerId);
    const no = events.length > 0 ? (events[0]?.no ?? 1) - 1 : lastNo;
    const source = new FeedSource(id, defaultFeedLimits, pageBuild, `${id}.${no}`);
    const entry: Entry = { id, source, no, unstoredCount: 0, readMs: clock.elapsedMs() };
    for (const event of events) addStored(entry, event);
    if (this.#isClosed) source.close();
    this.#loaded.set(ownerId, entry);
    this.#planCleanUp();
    return entry;
  }

  async #read(entries: readonly (readonly [string, Entry])[]): Promise<boolean> {
    if (entries.length === 0) return false;
    const numbers = entries.map(([ownerId, { no }]) => ({ ownerId, no }));
    const events = await this.#options.store.readAfter(numbers, eventsPerRound);
    const byOwner = new Map(entries);
    for (const event of events) {
      const entry = byOwner.get(event.ownerId);
      if (entry) addStored(entry, event);
    }
    return events.length >= eventsPerRound;
  }

  #publishUnstored(entry: Entry, event: FeedEvent): void {
    entry.unstoredCount += 1;
    entry.source.publish(event, `${entry.id}.${entry.no}~${this.#options.bootId}.${entry.unstoredCount}`);
  }

  #planCleanUp(): void {
    if (this.#isClosed) return;
    this.#cancelTimer ??= this.#options.clock.schedule(lingerMs, () => {
      this.#cancelTimer = undefined;
      const nowMs = this.#options.clock.elapsedMs();
      for (const [ownerId, entry] of this.#loaded) {
        if (hasReaders(entry)) entry.readMs = nowMs;
        if (nowMs - entry.readMs < lingerMs) continue;
        this.#loaded.delete(ownerId);
        this.#entries.delete(ownerId);
      }
      if (this.#loaded.size > 0) this.#planCleanUp();
    });
  }
}

const hasReaders = ({ source }: Entry): boolean => source.subscriberCount > 0;

/** Adds an event once. If events before it have expired, readers are told to read the lists again. */
function addStored(entry: Entry, { no, type, dataJson }: StoredFeedEvent): void {
  if (no <= entry.no) return;
  if (no > entry.no + 1) entry.source.reset(`${entry.id}.${no - 1}`);
  const id = `${entry.id}.${no}`;
  if (type === 'reset') entry.source.reset(id);
  else entry.source.publishJson(type, dataJson, id);
  entry.no = no;
  entry.unstoredCount = 0;
}

/** After an event that only another process published, a reader continues after the last stored event before it. */
function positionOf(source: FeedSource, cursorText: string | null) {
  const position = source.positionOf(cursorText);
  return position.seq === null && cursorText !== null
    ? source.positionOf(cursorText.split('~')[0] ?? null)
    : position;
}
