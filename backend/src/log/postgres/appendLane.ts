/**
 * Collects the appends of all runs of this process into groups, one statement per slot, and sends the next groups once
 * the last are committed: the busier the database, the larger the groups. Appends of a run keep their order.
 */
import { setImmediate } from 'node:timers/promises';
import type { PendingAppend } from './appendGroup.ts';
import type { AttachedWriter } from './attachedWriter.ts';
import { type GroupWriter, lose } from './groupWriter.ts';
import { slotOf } from './slotOfRun.ts';

/** Most events of one statement, and their length in UTF-16 units after which no further append joins. */
const maxRows = 1000;
const maxLength = 4 * 1024 * 1024;
/** Most appends with other writes in one transaction, so that none waits long for the others. */
const maxAttached = 50;

interface Group {
  readonly appends: PendingAppend[];
  rows: number;
  length: number;
}

/** What one turn writes. */
interface Turn {
  readonly slots: ReadonlyMap<number, Group>;
  readonly attached: readonly PendingAppend[];
}

export class AppendLane {
  readonly #groups: GroupWriter;
  readonly #attached: AttachedWriter;
  readonly #slotMs: number;
  #waiting: PendingAppend[] = [];
  #working: Promise<void> | null = null;
  /** The transaction that writes appends with other writes; the next appends of its runs wait for it. */
  #attachedTurn: { readonly runIds: ReadonlySet<string>; readonly done: Promise<void> } | null = null;

  constructor(options: {
    readonly groups: GroupWriter;
    readonly attached: AttachedWriter;
    readonly slotMs: number;
  }) {
    this.#groups = options.groups;
    this.#attached = options.attached;
    this.#slotMs = options.slotMs;
  }

  add(append: PendingAppend): void {
    this.#waiting.push(append);
    this.#start();
  }

  /** Resolves when nothing is waiting or being written. */
  async whenIdle(): Promise<void> {
    while (this.#working || this.#attachedTurn) {
      await this.#working;
      await this.#attachedTurn?.done;
    }
  }

  #start(): void {
    this.#working ??= this.#work();
  }

  async #work(): Promise<void> {
    for (;;) {
      // Waits for the end of this turn of the event loop, so that the deltas of all its sockets share the statement.
      await setImmediate();
      if (this.#groups.isFenced) lose(this.#waiting.splice(0));
      const { slots, attached } = this.#drain();
      if (attached.length > 0) this.#startAttached(attached);
      if (slots.size === 0) {
        // In the same turn, so that the next append starts the work again.
        this.#working = null;
        return;
      }
      await Promise.all([...slots].map(([slot, { appends }]) => this.#groups.write(slot, appends)));
    }
  }

  #startAttached(appends: readonly PendingAppend[]): void {
    const done = this.#attached.write(appends).then(() => {
      this.#attachedTurn = null;
      if (this.#waiting.length > 0) this.#start();
    });
    this.#attachedTurn = { runIds: new Set(appends.map(({ lease }) => lease.runId)), done };
  }

  /** Removes what the next turn writes. An append stays if an earlier one of its run does, or is being written. */
  #drain(): Turn {
    const slots = new Map<number, Group>();
    const attached: PendingAppend[] = [];
    const epochs = new Map<string, number>();
    const kept = new Set<string>(this.#attachedTurn?.runIds);
    this.#waiting = this.#waiting.filter((append) => {
      const { runId, epoch } = append.lease;
      if (!kept.has(runId) && (epochs.get(runId) ?? epoch) === epoch) {
        const isDrained = append.attached
          ? this.#joinAttached(attached, epochs, append)
          : this.#joinSlot(slots, append);
        if (isDrained) {
          epochs.set(runId, epoch);
          if (append.attached) kept.add(runId);
          return false;
        }
      }
      kept.add(runId);
      return true;
    });
    return { slots, attached };
  }

  #joinAttached(
    attached: PendingAppend[],
    epochs: ReadonlyMap<string, number>,
    append: PendingAppend,
  ): boolean {
    if (this.#attachedTurn || epochs.has(append.lease.runId) || attached.length >= maxAttached) return false;
    attached.push(append);
    return true;
  }

  #joinSlot(slots: Map<number, Group>, append: PendingAppend): boolean {
    const slot = slotOf(append.lease.runId, this.#slotMs);
    const group = slots.get(slot) ?? { appends: [], rows: 0, length: 0 };
    const rows = group.rows + append.records.length;
    const isFull = group.appends.length > 0 && (rows > maxRows || group.length >= maxLength);
    if (isFull) return false;
    group.appends.push(append);
    group.rows = rows;
    for (const { dataJson } of append.records) group.length += dataJson.length;
    slots.set(slot, group);
    return true;
  }
}
