/** Finds the files that contain conversations, by their contents and never by their names. */
import type { ImportProduct } from '../form/importedChat.ts';
import type { ImportEntry, ImportSource } from '../importer.ts';
import { readJsonItems } from '../reading/jsonItems.ts';
import { ReadingThread } from '../reading/readingThread.ts';

export interface ConversationList {
  readonly entry: ImportEntry;
  readonly product: ImportProduct;
}

/** Items of a file that are examined: empty ones prove nothing. */
const maxLooks = 20;
/** Larger first items are not examined, in bytes. */
const limits = { maxBytes: 64 * 1024 * 1024, maxValues: 2_000_000 };

/** In the order of the source. */
export type FindLists = (source: ImportSource) => Promise<ConversationList[]>;

/** Caches the result for as long as the source exists, because each importer asks for it. */
export function createListFinder(): FindLists {
  const known = new WeakMap<ImportSource, Promise<ConversationList[]>>();
  return (source) => {
    const found = known.get(source) ?? search(source);
    known.set(source, found);
    return found;
  };
}

async function search({ entries }: ImportSource): Promise<ConversationList[]> {
  const lists: ConversationList[] = [];
  const thread = new ReadingThread();
  try {
    for (const entry of entries) {
      // A single body may have any name.
      if (entries.length > 1 && !/\.json$/i.test(entry.name)) continue;
      const product = await recogniseList(entry, thread);
      if (product) lists.push({ entry, product });
    }
    return lists;
  } finally {
    await thread.close();
  }
}

async function recogniseList(entry: ImportEntry, thread: ReadingThread): Promise<ImportProduct | null> {
  const stream = await entry.open();
  try {
    let looks = 0;
    for await (const { bytes } of readJsonItems(stream, limits)) {
      const product = bytes && (await thread.recognise(bytes));
      if (product) return product;
      looks += 1;
      if (looks === maxLooks) return null;
    }
    return null;
  } finally {
    stream.destroy();
  }
}
