/** Merges the fragments of tool calls, in stream order, into whole calls. No fragment is lost or duplicated. */
import type { ToolCall } from '@rill/protocol';
import type { ToolCallFragment } from '../completionChunk.ts';
import { parseJson } from '../jsonValue.ts';

interface OpenCall {
  id: string;
  name: string;
  arguments: string;
}

/**
 * Merges fragments by their index; a fragment without one belongs to the latest call. A different id, or a different name
 * after complete arguments, starts another call: some servers number every call 0, or none.
 */
export class ToolCallMerger {
  /** In order of appearance. */
  readonly #calls: { readonly index: number; readonly call: OpenCall }[] = [];
  /** The call that the next fragment with this index belongs to. */
  readonly #open = new Map<number, OpenCall>();
  #latestIndex = 0;

  add(fragment: ToolCallFragment): void {
    const index = fragment.index ?? this.#latestIndex;
    const open = this.#open.get(index);
    const call = open && !startsAnother(open, fragment) ? open : this.#begin(index);
    call.id = fragment.id ?? call.id;
    call.name = fragment.name ?? call.name;
    call.arguments += fragment.arguments;
    this.#latestIndex = index;
  }

  /** The calls so far, in order of index, those with one index in order of appearance. */
  calls(): ToolCall[] {
    return [...this.#calls].sort((a, b) => a.index - b.index).map(({ call }) => ({ ...call }));
  }

  #begin(index: number): OpenCall {
    const call = { id: '', name: '', arguments: '' };
    this.#calls.push({ index, call });
    this.#open.set(index, call);
    return call;
  }
}

function startsAnother(open: OpenCall, fragment: ToolCallFragment): boolean {
  // Some servers give every fragment of one call a different id; only the first has the name.
  const hasAnotherId = fragment.id !== null && open.id !== '' && fragment.id !== open.id;
  if (hasAnotherId && (fragment.index === null || fragment.name !== null)) return true;
  if (fragment.name === null || open.name === '' || (fragment.id !== null && fragment.id === open.id))
    return false;
  return parseJson(open.arguments) !== undefined;
}
