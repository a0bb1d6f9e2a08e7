/** Encodes hints as short texts, and decodes them. Any other text is ignored, because the channel may be shared. */
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Hint } from './hints.ts';

/** What a process sends itself to see that the channel works. */
export interface Ping {
  readonly type: 'ping';
  readonly number: number;
}

export type Signal = Hint | Ping;

/** Postgres takes 8,000 bytes. */
const maxTextLength = 7900;

const id = Type.String({ pattern: '^[A-Za-z0-9-]{1,64}$' });
const line = Type.Union([
  Type.Tuple([Type.Literal('a'), id]),
  Type.Tuple([Type.Literal('c'), id]),
  Type.Tuple([Type.Literal('f'), id, id]),
  Type.Tuple([Type.Literal('p'), Type.Integer({ minimum: 0 })]),
]);
const lines = Compile(Type.Array(line));

/** Encodes the signals in as few texts as possible. */
export function toTexts(signals: readonly Signal[]): string[] {
  const texts: string[] = [];
  let open = '';
  for (const signal of signals) {
    const next = JSON.stringify(toLine(signal));
    if (open !== '' && open.length + next.length + 3 > maxTextLength) {
      texts.push(`[${open}]`);
      open = '';
    }
    open += open === '' ? next : `,${next}`;
  }
  if (open !== '') texts.push(`[${open}]`);
  return texts;
}

/** Decodes a text; empty for a text of any other form. */
export function parseText(text: string): Signal[] {
  if (text.length > maxTextLength) return [];
  const value = parseJson(text);
  return lines.Check(value) ? value.map(toSignal) : [];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Whatever it is, it is no hint.
    return null;
  }
}

function toLine(signal: Signal): Static<typeof line> {
  switch (signal.type) {
    case 'appended':
      return ['a', signal.runId];
    case 'cancelled':
      return ['c', signal.runId];
    case 'followed':
      return ['f', signal.runId, signal.bootId];
    case 'ping':
      return ['p', signal.number];
  }
}

function toSignal(parts: Static<typeof line>): Signal {
  switch (parts[0]) {
    case 'a':
      return { type: 'appended', runId: parts[1] };
    case 'c':
      return { type: 'cancelled', runId: parts[1] };
    case 'f':
      return { type: 'followed', runId: parts[1], bootId: parts[2] };
    case 'p':
      return { type: 'ping', number: parts[1] };
  }
}
