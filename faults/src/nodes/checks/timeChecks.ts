/** Checks that stored times are those of the database, although the wall clocks of the nodes differ by hours. */
import type { Message } from '@rill/protocol';
import type { StoredLog } from './storedFacts.ts';

/** A node knows the database's time up to the length of a round trip, which a slow line makes longer. */
const toleranceMs = 5000;

export interface RoundTimes {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

export function timeViolations(
  messages: readonly Pick<Message, 'role' | 'createdAtMs'>[],
  stored: Pick<StoredLog, 'endedAtMs' | 'cancelRequestedAtMs'> | null,
  { startedAtMs, endedAtMs }: RoundTimes,
): string[] {
  const times: [sentence: string, timeMs: number | null][] = messages.map(({ role, createdAtMs }) => [
    `a message (${role}) was made`,
    createdAtMs,
  ]);
  if (stored)
    times.push(['a run ended', stored.endedAtMs], ['a cancel was marked', stored.cancelRequestedAtMs]);
  return times.flatMap(([sentence, timeMs]) => {
    if (timeMs === null) return [];
    const aheadMs = Math.max(timeMs - endedAtMs, 0) + Math.min(timeMs - startedAtMs, 0);
    return Math.abs(aheadMs) > toleranceMs
      ? [`${sentence} ${Math.round(aheadMs / 1000)} s beside its round`]
      : [];
  });
}
