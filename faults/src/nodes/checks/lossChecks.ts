/**
 * Checks an answer after a fail-over that lost commits: what is left of it is complete. Where the standby had
 * everything up to the last send and end, none of these is lost either.
 */
import type { Message } from '@rill/protocol';
import type { Participant } from '../../readers/participant.ts';
import type { Harm } from '../nodeFault.ts';
import type { StoredLog } from './storedFacts.ts';

export interface Loss {
  readonly violations: readonly string[];
  /** Whether an acknowledged send was lost. */
  readonly isSendLost: boolean;
}

export function lossOf(
  { runIds, readers }: Pick<Participant, 'runIds' | 'readers'>,
  message: Message | null,
  stored: StoredLog | null,
  losesCommits: NonNullable<Harm['losesCommits']>,
): Loss {
  const violations: string[] = [];
  const isSendLost = runIds.size > 0 && (stored === null || !runIds.has(stored.id));
  if (losesCommits === 'events') {
    if (isSendLost) violations.push('a send was acknowledged and is lost');
    const told = readers.flatMap(({ final }) => (final?.status === 'completed' ? [final] : []));
    if (told.some(({ content, status }) => message?.content !== content || message.status !== status))
      violations.push('an answer was complete and is not so any more');
  }
  if (!stored) return { violations, isSendLost };
  if (!stored.isEnded || message?.status === 'streaming') violations.push('the run is open');
  if (stored.terminalCount !== 1) violations.push(`the run has ${stored.terminalCount} terminal events`);
  if (stored.seqs.some((seq, index) => seq !== index + 1)) violations.push('the log has a gap');
  if (message && message.content !== stored.loggedText) violations.push('the answer is not what the log has');
  return { violations, isSendLost };
}
