/** demo/thinker: sends a few seconds of visible reasoning, then an answer that follows from it. */
import type { ScriptStep } from '../script.ts';
import type { Thought } from './loadDemoTexts.ts';
import { pickByText } from './pickByText.ts';

/** Reasoning and answer for a message. */
export function thinkerAnswer(userText: string, thoughts: readonly Thought[]): readonly ScriptStep[] {
  const matching = thoughts.filter((thought) => thought.keywords.test(userText));
  const thought = matching.length > 1 ? matching[0] : pickByText(userText, thoughts);
  if (thought === undefined) return [{ finish: 'stop' }];
  return [
    { text: thought.reasoning, as: 'reasoning' },
    { text: thought.text },
    { finish: 'stop', nativeFinishReason: 'end_turn' },
  ];
}
