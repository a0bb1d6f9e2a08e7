/**
 * Assigns each run a slot by the time in its id, a UUIDv7, so that all processes agree without a clock. The slots are
 * used in turn.
 */
import { slotCount } from '../../database/postgres/schema/eventSlots.ts';

/**
 * Each slot holds the runs that begin within `slotMs` milliseconds, in turn. Errors: RangeError for an id without a
 * time.
 */
export function slotOf(runId: string, slotMs: number): number {
  const startedAtMs = Number.parseInt(runId.slice(0, 8) + runId.slice(9, 13), 16);
  if (Number.isNaN(startedAtMs)) throw new RangeError('The id of a run has no time.');
  return Math.floor(startedAtMs / slotMs) % slotCount;
}

/** The items of each slot, by the run that they belong to. */
export function bySlot<Item>(
  items: readonly Item[],
  runIdOf: (item: Item) => string,
  slotMs: number,
): Map<number, Item[]> {
  return Map.groupBy(items, (item) => slotOf(runIdOf(item), slotMs));
}
