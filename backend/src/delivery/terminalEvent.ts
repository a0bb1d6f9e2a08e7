/**
 * Builds the terminal event of a run, and its JSON in parts, so that the JSON of a long text is never one string: a
 * giant answer would need several times its size in the heap.
 */
import type { Message, RunEvent } from '@rill/protocol';
import { encodeAlone, escapeInParts } from './jsonText.ts';

/** Length from which an answer is handled in parts, and only one at a time, in UTF-16 units. */
export const giantLength = 1024 * 1024;

/** How large a message is, in UTF-16 units. */
export function weightOf(message: Message): number {
  const media = [
    ...message.images.map(({ url }) => url.length),
    ...message.annotations.map(({ url, title }) => url.length + title.length + 30),
    ...message.toolCalls.map((call) => call.id.length + call.name.length + call.arguments.length + 40),
  ];
  const text = message.content.length + message.reasoning.length + (message.refusal?.length ?? 0);
  return media.reduce((sum, length) => sum + length, text);
}

type TerminalEvent = Extract<RunEvent, { type: 'done' | 'error' }>;

/** `error` if something failed, else `done`; also built from the message row for late readers. */
export function terminalEvent(message: Message): TerminalEvent {
  return message.error
    ? { type: 'error', data: { error: message.error, message, usage: message.usage } }
    : { type: 'done', data: { message, usage: message.usage } };
}

/** The texts of a message as JSON without quotes, in parts. */
export interface EscapedTexts {
  readonly content: readonly Buffer[];
  readonly reasoning: readonly Buffer[];
}

/** The JSON of a message, in parts. */
export function encodeMessage(
  message: Message,
  { content, reasoning }: EscapedTexts = {
    content: escapeInParts(message.content),
    reasoning: escapeInParts(message.reasoning),
  },
): Buffer[] {
  return encodeAround(message, {
    content: { quote: '"', parts: content },
    reasoning: { quote: '"', parts: reasoning },
  });
}

/** The JSON of a terminal event's data, around the JSON of its message. */
export function encodeTerminalData({ data }: TerminalEvent, messageParts: readonly Buffer[]): Buffer[] {
  return encodeAround(data, { message: { quote: '', parts: messageParts } });
}

/** A field that is already JSON, except for the quotes of a text. */
interface EncodedField {
  readonly quote: '"' | '';
  readonly parts: readonly Buffer[];
}

/** The JSON of an object with some fields already encoded. */
function encodeAround(fields: object, encodedFields: Readonly<Record<string, EncodedField>>): Buffer[] {
  const buffers: Buffer[] = [];
  let json = '';
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    json += `${json === '' && buffers.length === 0 ? '{' : ','}"${name}":`;
    const encoded = encodedFields[name];
    if (encoded) {
      buffers.push(encodeAlone(json + encoded.quote), ...encoded.parts);
      json = encoded.quote;
    } else {
      json += JSON.stringify(value);
    }
  }
  return [...buffers, encodeAlone(`${json}}`)];
}
