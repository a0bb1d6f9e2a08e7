/** Pieces of tool calls and of reasoning details, in stream order, to whole ones; no piece is lost or doubled. */
import type { ToolCall } from '@rill/protocol';
import type { ToolCallPiece } from './completionChunk.ts';
import { type JsonObject, textOf } from './jsonValue.ts';

/** Merges pieces by their index; a piece without one belongs to the latest call unless it names another id. */
export class ToolCallMerger {
  readonly #calls = new Map<number, { id: string; name: string; arguments: string }>();
  #latestIndex = -1;

  add(piece: ToolCallPiece): void {
    const index = piece.index ?? this.#indexWithout(piece);
    const call = this.#calls.get(index) ?? { id: '', name: '', arguments: '' };
    call.id = piece.id ?? call.id;
    call.name = piece.name ?? call.name;
    call.arguments += piece.arguments;
    this.#calls.set(index, call);
    this.#latestIndex = index;
  }

  /** The calls so far, in order of index. */
  calls(): ToolCall[] {
    return [...this.#calls].sort(([a], [b]) => a - b).map(([, call]) => ({ ...call }));
  }

  #indexWithout(piece: ToolCallPiece): number {
    const isNext =
      this.#latestIndex < 0 || (piece.id !== null && piece.id !== this.#calls.get(this.#latestIndex)?.id);
    return isNext ? this.#latestIndex + 1 : this.#latestIndex;
  }
}

/**
 * Merges neighbours of equal type and index: texts joined, last signature, format and id kept.
 * Encrypted and unknown entries stay one by one. Index alone is no key: distinct entries share 0.
 */
export class ReasoningDetailMerger {
  readonly #details: Record<string, unknown>[] = [];

  add(piece: JsonObject): void {
    const latest = this.#details.at(-1);
    if (latest && isMergeable(piece) && latest.type === piece.type && latest.index === piece.index) {
      mergeInto(latest, piece);
    } else {
      this.#details.push({ ...piece });
    }
  }

  /** The list to send back on the next turn, in stream order. */
  details(): JsonObject[] {
    return this.#details.map((detail) => ({ ...detail }));
  }
}

function isMergeable(piece: JsonObject): boolean {
  return piece.type === 'reasoning.text' || piece.type === 'reasoning.summary';
}

function mergeInto(latest: Record<string, unknown>, piece: JsonObject): void {
  for (const name of ['text', 'summary']) {
    if (typeof piece[name] === 'string') latest[name] = (textOf(latest[name]) ?? '') + piece[name];
  }
  for (const name of ['signature', 'format', 'id']) {
    if (textOf(piece[name]) !== null) latest[name] = piece[name];
  }
}
