import { sampleIds, sampleMessage } from '@rill/protocol/conformance/sampleEntities.ts';
import { describe, expect, it } from 'vitest';
import { endViolations } from './nodeChecks.ts';

const { runId } = sampleIds;
const participant = {
  answer: { scripts: [], content: 'All of it.', isBroken: false },
  cancelAtFrame: null,
};
const message = sampleMessage({ status: 'completed', content: 'All of it.' });
const stored = {
  id: runId,
  messageId: message.id,
  isEnded: true,
  isRestarted: false,
  lastSeq: 3,
  generationCount: 1,
  seqs: [1, 2, 3],
  terminalCount: 1,
  loggedText: 'All of it.',
  bootId: 'other',
  endedAtMs: 1,
  cancelRequestedAtMs: null,
};
const facts = { owners: new Map([[runId, 'alive']]), harm: { lostBootIds: ['dead'] } };
const interrupted = { ...message, status: 'interrupted' as const };
const failed = { ...message, status: 'failed' as const };
const unstored = {
  ...failed,
  error: { code: 'log_write_failed' as const, message: 'The log is away.', isRetryable: true },
};

it('reports nothing where nothing is wrong', () => {
  expect(endViolations(participant, message, stored, facts)).toEqual([]);
});

describe('an answer', () => {
  it('may be interrupted only with its node, or when it began after the fault', () => {
    const sentences = (owner: string | null) =>
      endViolations(participant, interrupted, stored, {
        ...facts,
        owners: new Map(owner === null ? [] : [[runId, owner]]),
      });
    expect(sentences('dead')).toEqual([]);
    expect(sentences(null)).toEqual([]);
    expect(sentences('alive')).toEqual(['an answer of a node that lives was interrupted']);
  });

  it('may fail only because of its provider, or of an outage longer than it waits', () => {
    const broken = { ...participant, answer: { ...participant.answer, isBroken: true } };
    expect(endViolations(broken, failed, stored, facts)).toEqual([]);
    const away = { ...facts, harm: { lostBootIds: [], mayFailToStore: true } };
    expect(endViolations(participant, unstored, stored, away)).toEqual([]);
    expect(endViolations(participant, failed, stored, away)).toHaveLength(1);
    expect(endViolations(participant, interrupted, { ...stored, bootId: 'alive' }, away)).toEqual([]);
    expect(endViolations(participant, interrupted, stored, away)).toHaveLength(1);
    expect(endViolations(participant, unstored, stored, facts)).toHaveLength(1);
    expect(endViolations(participant, failed, stored, facts)).toHaveLength(1);
  });

  it('is cancelled only by its reader', () => {
    const cancelled = { ...message, status: 'cancelled' as const };
    expect(endViolations({ ...participant, cancelAtFrame: 3 }, cancelled, stored, facts)).toEqual([]);
    expect(endViolations(participant, cancelled, stored, facts)).toHaveLength(1);
  });

  it('equals the log', () => {
    const other = { ...stored, loggedText: 'All of' };
    expect(endViolations(participant, message, other, facts)).toEqual(['the answer is not what the log has']);
  });
});
