/**
 * Continues an answer that was cut off: when the conversation holds the beginning of a demo model's answer and its last
 * message asks for the rest, the model sends the remaining text. Any other message gets an answer of its own.
 */

import type { Script, ScriptStep } from '../script.ts';
import type { CompletionRequest } from '../wire/completionRequest.ts';

/** Matches Rill's request for the rest of an answer, and what a user would write. */
const asksForRest = /\banswer was cut off\b|^\s*(?:please,?\s+)?continue\b/i;

/**
 * `undefined` when nothing was cut off, or the message does not ask for the rest. `write` makes the whole answer to a
 * request.
 */
export function continueAnswer(
  request: CompletionRequest,
  write: (request: CompletionRequest) => Script,
): Script | undefined {
  const [question, begun, more] = request.messages.slice(-3);
  if (question?.role !== 'user' || begun?.role !== 'assistant' || more?.role !== 'user') return undefined;
  if (!asksForRest.test(more.text)) return undefined;
  const script = write({ ...request, messages: request.messages.slice(0, -2) });
  if (!Array.isArray(script)) return undefined;
  const steps: readonly ScriptStep[] = script;
  const whole = steps.map(contentOf).join('');
  if (begun.text === '' || begun.text === whole || !whole.startsWith(begun.text)) return undefined;
  const end = steps.filter((step) => 'finish' in step);
  return [{ text: whole.slice(begun.text.length) }, ...end];
}

function contentOf(step: ScriptStep): string {
  return 'text' in step && step.as !== 'reasoning' ? step.text : '';
}
