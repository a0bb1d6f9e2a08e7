/** Encodes hints as short texts, and decodes them. Any other text is ignored, because the channel may be shared. */
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Hint, TemporaryNews } from './hints.ts';

/** What a process sends to itself to check that the channel works. */
export interface Ping {
  readonly type: 'ping';
  readonly number: number;
}

export type Signal = Hint | Ping;

/** Postgres takes 8,000 bytes. */
const maxTextLength = 7900;

const id = Type.String({ pattern: '^[A-Za-z0-9-]{1,64}$' });
const revision = Type.Integer({ minimum: 0 });
const line = Type.Union([
  Type.Tuple([Type.Literal('a'), id]),
  Type.Tuple([Type.Literal('c'), id]),
  Type.Tuple([Type.Literal('f'), id, id]),
  Type.Tuple([
    Type.Literal('t'),
    id,
    Type.Union([Type.Literal('chat-delete'), Type.Literal('messages-change')]),
    id,
    id,
  ]),
  Type.Tuple([Type.Literal('q'), id, id, id, revision]),
  Type.Tuple([Type.Literal('d'), id, id, id, revision, id]),
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

/** Decodes a text; empty for a text in any other format. */
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
    case 'temporary-change':
      return toNewsLine(signal.ownerId, signal.event);
    case 'ping':
      return ['p', signal.number];
  }
}

function toNewsLine(ownerId: string, { type, data }: TemporaryNews): Static<typeof line> {
  switch (type) {
    case 'queue-change':
      return ['q', ownerId, data.projectId, data.chatId, data.revision];
    case 'draft-change':
      return ['d', ownerId, data.projectId, data.chatId, data.revision, data.writer];
    default:
      return ['t', ownerId, type, data.projectId, data.chatId];
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
    case 't':
      return news(parts[1], { type: parts[2], data: { projectId: parts[3], chatId: parts[4] } });
    case 'q': {
      const [, ownerId, projectId, chatId, revision] = parts;
      return news(ownerId, { type: 'queue-change', data: { projectId, chatId, revision } });
    }
    case 'd': {
      const [, ownerId, projectId, chatId, revision, writer] = parts;
      return news(ownerId, { type: 'draft-change', data: { projectId, chatId, revision, writer } });
    }
    case 'p':
      return { type: 'ping', number: parts[1] };
  }
}

const news = (ownerId: string, event: TemporaryNews): Signal => ({
  type: 'temporary-change',
  ownerId,
  event,
});
