/**
 * Joins the parts of a continued answer into the one message that users see. It has the id and the ending of the last
 * part, so that actions on it affect that part.
 */
import { type Message, sumUsage } from '@rill/protocol';

/** `before` are the earlier parts, first part first; none leaves the message as it is. */
export function joinAnswers(before: readonly Message[], last: Message): Message {
  if (before.length === 0) return last;
  const parts = [...before, last];
  const refusals = parts.flatMap(({ refusal }) => (refusal === null ? [] : [refusal]));
  return {
    ...last,
    content: parts.map(({ content }) => content).join(''),
    reasoning: parts
      .map(({ reasoning }) => reasoning)
      .filter((reasoning) => reasoning !== '')
      .join('\n\n'),
    refusal: refusals.length > 0 ? refusals.join('\n\n') : null,
    annotations: parts.flatMap(({ annotations }) => annotations),
    images: parts.flatMap(({ images }) => images),
    toolCalls: parts.flatMap(({ toolCalls }) => toolCalls),
    // While the last part is being written, its usage is not known, so the whole has none.
    usage: last.status === 'streaming' ? null : sumUsage(parts.map(({ usage }) => usage)),
  };
}
