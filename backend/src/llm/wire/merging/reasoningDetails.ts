/**
 * Joins the fragments of a model's thinking, so that the whole can be sent back with the next turn: models continue
 * from their own signed and encrypted thinking. Nothing of it is shown; visible thinking arrives separately.
 */
import type { JsonObject } from '@rill/protocol';
import { textOf } from '../jsonValue.ts';

/**
 * Longest thinking that is kept, in UTF-16 units of JSON; longer thinking is dropped, because no model accepts a part
 * of it.
 */
const maxLength = 512 * 1024;

export class ReasoningDetails {
  #details: Record<string, unknown>[] = [];
  #length = 0;

  /** Returns the additional length kept, in UTF-16 units. */
  add(fragments: readonly JsonObject[]): number {
    const before = this.#length;
    for (const fragment of fragments) this.#addFragment(fragment);
    if (this.#length <= maxLength) return this.#length - before;
    this.#details = [];
    return 0;
  }

  /** Empty unless something is signed or encrypted: models do not need other thinking again. */
  read(): JsonObject[] {
    const isNeeded = this.#details.some(({ signature, data }) => textOf(signature) ?? textOf(data));
    return isNeeded ? (this.#details as JsonObject[]) : [];
  }

  #addFragment(fragment: JsonObject): void {
    this.#length += JSON.stringify(fragment).length;
    const last = this.#details.at(-1);
    if (last && continues(last, fragment)) join(last, fragment);
    else this.#details.push({ ...fragment });
  }
}

/** Texts arrive in fragments. A signature ends one, and several may share an index. */
function continues(last: Readonly<Record<string, unknown>>, fragment: JsonObject): boolean {
  if (last.type !== fragment.type || (last.type !== 'reasoning.text' && last.type !== 'reasoning.summary'))
    return false;
  const isSame = (name: string) =>
    last[name] == null || fragment[name] == null || last[name] === fragment[name];
  return textOf(last.signature) === null && isSame('index') && isSame('id');
}

function join(last: Record<string, unknown>, fragment: JsonObject): void {
  for (const [name, value] of Object.entries(fragment)) {
    const isText = name === 'text' || name === 'summary';
    if (isText && typeof value === 'string') last[name] = (textOf(last[name]) ?? '') + value;
    else last[name] ??= value;
  }
}
