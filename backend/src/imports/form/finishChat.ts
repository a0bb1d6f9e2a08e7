/** Completes a parsed conversation: fills in missing times, and an id if it has none. */
import { createHash } from 'node:crypto';
import type { ArrangedMessages } from '../form/arrangeMessages.ts';
import type { ImportedChat, ImportProduct } from './importedChat.ts';
import type { ImportNotes } from './importNotes.ts';

export interface ParseOptions {
  /** Time for a conversation without any times. */
  readonly fallbackTimeMs: number;
}

/** `chat` is null if nothing of the conversation can be shown: it is empty, or nothing in it was understood. */
export interface ParsedChat {
  readonly id: string;
  readonly title: string;
  readonly chat: ImportedChat | null;
  readonly notes: readonly string[];
}

export interface UnfinishedChat {
  readonly product: ImportProduct;
  readonly id: string | null;
  readonly title: string;
  readonly createdAtMs: number | null;
  readonly updatedAtMs: number | null;
  readonly isArchived: boolean;
  readonly isPinned: boolean;
  readonly projectId?: string | null;
  readonly arranged: ArrangedMessages;
  readonly notes: ImportNotes;
  readonly options: ParseOptions;
}

/** Longest id that is kept unchanged, in UTF-16 units. */
const maxIdLength = 200;

export function finishChat(parsed: UnfinishedChat): ParsedChat {
  const { arranged, notes, options, product, title } = parsed;
  for (let count = 0; count < arranged.cutCircles; count += 1)
    notes.add('link that led in a circle and was cut');
  const { messages, leafId } = arranged;
  const id = shortId(parsed.id) ?? idOfTexts(parsed);
  const list = notes.toList();
  if (messages.length === 0) return { id, title, chat: null, notes: list };
  let [firstMs, lastMs] = [Number.MAX_SAFE_INTEGER, 0];
  for (const { createdAtMs } of messages) {
    firstMs = Math.min(firstMs, createdAtMs);
    lastMs = Math.max(lastMs, createdAtMs);
  }
  const createdAtMs = parsed.createdAtMs ?? firstMs ?? options.fallbackTimeMs;
  const updatedAtMs = Math.max(parsed.updatedAtMs ?? lastMs, createdAtMs);
  const chat: ImportedChat = {
    product,
    id,
    title,
    ...(parsed.projectId && { projectId: parsed.projectId }),
    createdAtMs,
    updatedAtMs,
    archivedAtMs: parsed.isArchived ? updatedAtMs : null,
    pinnedAtMs: parsed.isPinned ? updatedAtMs : null,
    messages,
    leafId,
    notes: list,
  };
  return { id, title, chat, notes: list };
}

function shortId(id: string | null): string | null {
  if (id === null || id.trim() === '') return null;
  return id.length <= maxIdLength ? id : `sha256:${createHash('sha256').update(id).digest('hex')}`;
}

/** The same for the same conversation in a later export, as long as its beginning is unchanged. */
function idOfTexts({ product, title, createdAtMs, arranged }: UnfinishedChat): string {
  const [first] = arranged.messages;
  const key = JSON.stringify([product, createdAtMs ?? title, first?.role, first?.text]);
  return `sha256:${createHash('sha256').update(key).digest('hex')}`;
}
