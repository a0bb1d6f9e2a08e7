/**
 * Plans the id of each message of a conversation before the transactions that store them. A long conversation has more
 * messages than a running answer could wait for, so the ids are made and written as JSON in slices, with pauses.
 */
import { setImmediate } from 'node:timers/promises';
import type { ImportedState } from '../../store/chats/importedChats.ts';

/** Messages of a slice: it takes some 2 ms. */
export const sliceMessages = 1000;

type IdPair = readonly [sourceId: string, id: string];

export interface MessageIds {
  /** For each message of the product its id here: first those that were stored before this import began. */
  readonly byMessage: ReadonlyMap<string, string>;
  /** The messages of the product that were stored before. */
  readonly storedBefore: ReadonlySet<string>;
  /** All ids, as `ImportedState` keeps them. */
  readonly json: string;
}

/** `before` is what the last import of the conversation left; its messages keep their ids. */
export async function planMessageIds(
  messageIds: readonly string[],
  before: ImportedState | null,
  newId: () => string,
): Promise<MessageIds> {
  const known = before ? (JSON.parse(before.messageIdsJson) as IdPair[]) : [];
  const storedBefore = new Set(known.slice(0, before?.storedBefore ?? known.length).map(([id]) => id));
  const byMessage = new Map(known);
  const texts = [textOf(before?.messageIdsJson ?? '[]')];
  for await (const slice of slicesOf(messageIds)) {
    const added: IdPair[] = [];
    for (const sourceId of slice) {
      if (byMessage.has(sourceId)) continue;
      const id = newId();
      byMessage.set(sourceId, id);
      added.push([sourceId, id]);
    }
    texts.push(textOf(JSON.stringify(added)));
  }
  return { byMessage, storedBefore, json: listOf(texts) };
}

/** The JSON of all ids but those of the messages that were left out. */
export async function jsonWithout(leftOut: ReadonlySet<string>, ids: MessageIds): Promise<string> {
  if (leftOut.size === 0) return ids.json;
  const texts: string[] = [];
  for await (const slice of slicesOf([...ids.byMessage]))
    texts.push(textOf(JSON.stringify(slice.filter(([sourceId]) => !leftOut.has(sourceId)))));
  return listOf(texts);
}

async function* slicesOf<Item>(items: readonly Item[]): AsyncGenerator<readonly Item[]> {
  for (let start = 0; start < items.length; start += sliceMessages) {
    if (start > 0) await setImmediate();
    yield items.slice(start, start + sliceMessages);
  }
}

/** What is between the brackets of a list. */
const textOf = (json: string): string => json.slice(1, -1);
const listOf = (texts: readonly string[]): string => `[${texts.filter((text) => text !== '').join(',')}]`;
