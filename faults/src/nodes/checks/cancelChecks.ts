/** Checks that the provider's connection is closed within 2 s after a cancel on any node, and that it stays closed. */
import type { RecordedRequest } from '@rill/simulator';
import type { Participant } from '../../readers/participant.ts';
import type { Harm } from '../nodeFault.ts';
import type { StoredLog } from './storedFacts.ts';

const limitMs = 2000;
/** Time that nodes have to reconnect after a fault that separated them from each other or from their database. */
const afterFaultMs = 5000;

export interface FaultTimes {
  readonly brokeAtMs: number;
  readonly overAtMs: number;
}

export function cancelViolations(
  { cancel }: Pick<Participant, 'cancel'>,
  stored: Pick<StoredLog, 'cancelRequestedAtMs'> | null,
  calls: readonly Pick<RecordedRequest, 'startedAtMs' | 'endedAtMs'>[],
  { brokeAtMs, overAtMs, harm }: FaultTimes & { readonly harm: Harm },
): string[] {
  const mark = stored?.cancelRequestedAtMs ?? null;
  if (cancel === null || mark === null) return [];
  // A node knows the database's time only approximately; the mark was set between these two times.
  const markedAtMs = Math.min(Math.max(mark, cancel.askedAtMs), cancel.answeredAtMs);
  const isHindered =
    !harm.stopsAtCancel && markedAtMs + limitMs > brokeAtMs && markedAtMs < overAtMs + afterFaultMs;
  const dueAtMs = isHindered ? Math.max(overAtMs + afterFaultMs, markedAtMs + limitMs) : markedAtMs + limitMs;
  return calls.flatMap(({ startedAtMs, endedAtMs }) => {
    if (startedAtMs > dueAtMs) return ['the provider was asked after a cancel'];
    const lateMs = (endedAtMs ?? Number.POSITIVE_INFINITY) - dueAtMs;
    return lateMs > 0
      ? [`the provider's connection was closed ${Math.round(lateMs)} ms too late after a cancel`]
      : [];
  });
}
