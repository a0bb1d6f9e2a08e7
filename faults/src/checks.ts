/**
 * Checks the rules for one message after a round and returns a sentence for each broken one. Pure: facts in, violations
 * out.
 */
import type { Message } from '@rill/protocol';
import type { ShownText } from './readers/shownText.ts';
import type { StoredRun } from './storedRuns.ts';

export interface MessageFacts {
  /** All content that the provider could have sent. */
  readonly providerContent: string;
  readonly readers: readonly Pick<
    ShownText,
    'content' | 'reasoning' | 'positions' | 'terminalCount' | 'final'
  >[];
  /** The run ids that readers saw, those of the send's key, and all of the chat. */
  readonly seenRunIds: readonly string[];
  readonly keyRunIds: readonly string[];
  readonly chatRunIds: readonly string[];
  readonly stored: StoredRun | null;
  /** The answer from the API; null when there is none. */
  readonly message: Message | null;
  readonly isChatActive: boolean;
  readonly messageCount: number;
  /** Calls that the provider received for this message, and those after the server died. */
  readonly callCount: number;
  readonly callCountAfterDeath: number;
  /** Whether a reader had text before the server died. */
  readonly hadTextBeforeDeath: boolean;
}

/** One sentence for each rule that is broken; none when all is well. */
export function violationsOf(facts: MessageFacts): string[] {
  const violations: string[] = [];
  const demand = (isTrue: boolean, sentence: string): void => {
    if (!isTrue) violations.push(sentence);
  };
  const { stored, message, readers } = facts;
  demand(facts.keyRunIds.length === 1, `a send made ${facts.keyRunIds.length} runs`);
  demand(facts.chatRunIds.length === 1, `the chat has ${facts.chatRunIds.length} runs`);
  demand(facts.messageCount === 2, `the chat has ${facts.messageCount} messages`);
  demand(
    facts.seenRunIds.every((id) => id === facts.keyRunIds[0]),
    'a reader was given another run',
  );
  demand(!facts.isChatActive, 'the chat still has an active run');
  if (!stored || !message) return [...violations, 'the run or its answer is gone'];
  demand(stored.isEnded, 'the run is open');
  demand(stored.terminalCount === 1, `the run has ${stored.terminalCount} terminal events`);
  demand(
    stored.seqs.every((seq, index) => seq === index + 1),
    'the log has a gap',
  );
  demand(stored.lastSeq === stored.seqs.at(-1), 'the terminal event is not the last one');
  demand(message.status !== 'streaming', 'the answer is not final');
  demand(facts.providerContent.startsWith(message.content), 'the answer is not what the provider sent');
  demand(
    message.status !== 'completed' || message.content === facts.providerContent,
    'an answer is complete without all of its text',
  );
  for (const reader of readers) violations.push(...readerViolations(reader, message));
  violations.push(...callViolations(facts, stored));
  return violations;
}

function readerViolations(reader: MessageFacts['readers'][number], message: Message): string[] {
  const violations: string[] = [];
  if (reader.terminalCount !== 1) violations.push(`a reader got ${reader.terminalCount} terminal events`);
  if (!message.content.startsWith(reader.content)) violations.push('text that was shown is lost');
  if (!message.reasoning.startsWith(reader.reasoning)) violations.push('reasoning that was shown is lost');
  if (reader.terminalCount > 0 && reader.content !== message.content) {
    violations.push('a reader has the end and not all of the text');
  }
  if (reader.final && (reader.final.content !== message.content || reader.final.status !== message.status)) {
    violations.push('a reader was told another end');
  }
  return violations;
}

/** A call is repeated only before its first text; after a crash once, and not when text had been shown. */
function callViolations(facts: MessageFacts, stored: StoredRun): string[] {
  const violations: string[] = [];
  const { callCount, callCountAfterDeath } = facts;
  if (callCountAfterDeath > 0 && facts.hadTextBeforeDeath) {
    violations.push('an answer that had shown text was asked for again');
  }
  if (callCountAfterDeath > 0 && !stored.isRestarted && callCountAfterDeath === callCount && callCount > 3) {
    violations.push('a run was asked for again without a note of it');
  }
  // A failed call may be repeated twice, and a crash allows the same number again.
  const maxCalls = stored.isRestarted ? 6 : 3;
  if (callCount > maxCalls) violations.push(`the provider was asked ${callCount} times`);
  if (callCount < stored.generationCount) violations.push('a call is noted that was never made');
  return violations;
}
