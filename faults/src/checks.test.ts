import { formatCursor, startOfRun } from '@rill/protocol';
import { sampleIds, sampleMessage } from '@rill/protocol/conformance/sampleEntities.ts';
import { describe, expect, it } from 'vitest';
import { type MessageFacts, violationsOf } from './checks.ts';

const { runId } = sampleIds;
const message = sampleMessage({ status: 'completed', content: 'All of it.', reasoning: 'why' });
const reader = {
  content: 'All of it.',
  reasoning: 'why',
  positions: [{ id: formatCursor(startOfRun(runId)), contentLength: 0, reasoningLength: 0 }],
  terminalCount: 1,
  final: message,
};
const stored = {
  id: runId,
  messageId: message.id,
  isEnded: true,
  isRestarted: false,
  lastSeq: 3,
  generationCount: 1,
  seqs: [1, 2, 3],
  terminalCount: 1,
};
const healthy: MessageFacts = {
  providerContent: 'All of it.',
  readers: [reader],
  seenRunIds: [runId],
  keyRunIds: [runId],
  chatRunIds: [runId],
  stored,
  message,
  isChatActive: false,
  messageCount: 2,
  callCount: 1,
  callCountAfterDeath: 0,
  hadTextBeforeDeath: false,
};

it('reports nothing where nothing is wrong', () => {
  expect(violationsOf(healthy)).toEqual([]);
});

describe('finds', () => {
  it.each<[string, Partial<MessageFacts>]>([
    ['a send made 2 runs', { keyRunIds: [runId, 'another'] }],
    ['the chat has 2 runs', { chatRunIds: [runId, 'another'] }],
    ['the chat has 3 messages', { messageCount: 3 }],
    ['a reader was given another run', { seenRunIds: [runId, 'another'] }],
    ['the chat still has an active run', { isChatActive: true }],
    ['the run or its answer is gone', { stored: null }],
    ['the run or its answer is gone', { message: null }],
    ['the run is open', { stored: { ...stored, isEnded: false } }],
    ['the run has 2 terminal events', { stored: { ...stored, terminalCount: 2 } }],
    ['the run has 0 terminal events', { stored: { ...stored, terminalCount: 0 } }],
    ['the log has a gap', { stored: { ...stored, seqs: [1, 3] } }],
    ['the terminal event is not the last one', { stored: { ...stored, lastSeq: 2 } }],
    ['the answer is not final', { message: { ...message, status: 'streaming' } }],
    ['the answer is not what the provider sent', { providerContent: 'Something else.' }],
    ['an answer is complete without all of its text', { providerContent: 'All of it. And more.' }],
    ['a reader got 2 terminal events', { readers: [{ ...reader, terminalCount: 2 }] }],
    ['a reader got 0 terminal events', { readers: [{ ...reader, terminalCount: 0 }] }],
    ['text that was shown is lost', { readers: [{ ...reader, content: 'All of it, twice' }] }],
    ['reasoning that was shown is lost', { readers: [{ ...reader, reasoning: 'why not' }] }],
    ['a reader has the end and not all of the text', { readers: [{ ...reader, content: 'All' }] }],
    [
      'a reader was told another end',
      { readers: [{ ...reader, final: { ...message, status: 'cancelled' } }] },
    ],
    [
      'an answer that had shown text was asked for again',
      { callCountAfterDeath: 1, callCount: 2, hadTextBeforeDeath: true },
    ],
    ['the provider was asked 4 times', { callCount: 4 }],
    ['a call is noted that was never made', { callCount: 0 }],
  ])('that %s', (violation, wrong) => {
    expect(violationsOf({ ...healthy, ...wrong })).toContain(violation);
  });
});
