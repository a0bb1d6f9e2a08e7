/** Stores bytes in the browser's database. Bytes left behind by a closed tab are deleted after a day. */
import type { BytesStore } from './keptUploads.ts';

const [databaseName, storeName] = ['rill-uploads', 'bytes'];
const keptMs = 24 * 60 * 60_000;

interface KeptBytes {
  readonly bytes: Blob;
  readonly addedAtMs: number;
}

export function browserBytes(nowMs: () => number): BytesStore {
  let opening: Promise<IDBDatabase> | undefined;
  const open = () => (opening ??= openDatabase(nowMs() - keptMs));
  const run = async <Result>(
    mode: IDBTransactionMode,
    ask: (store: IDBObjectStore) => IDBRequest<Result>,
  ) => {
    const database = await open();
    return resultOf(ask(database.transaction(storeName, mode).objectStore(storeName)));
  };
  return {
    async put(key, bytes) {
      const kept: KeptBytes = { bytes, addedAtMs: nowMs() };
      await run('readwrite', (store) => store.put(kept, key));
    },
    get: async (key) =>
      (await run('readonly', (store): IDBRequest<KeptBytes | undefined> => store.get(key)))?.bytes ?? null,
    delete: (key) => run('readwrite', (store) => store.delete(key)),
  };
}

async function openDatabase(oldestMs: number): Promise<IDBDatabase> {
  const opening = indexedDB.open(databaseName, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(storeName);
  const database = await resultOf(opening);
  const walk = database.transaction(storeName, 'readwrite').objectStore(storeName).openCursor();
  walk.onsuccess = () => {
    const cursor = walk.result;
    if (!cursor) return;
    const { addedAtMs }: KeptBytes = cursor.value;
    if (addedAtMs < oldestMs) cursor.delete();
    cursor.continue();
  };
  return database;
}

const resultOf = <Result>(request: IDBRequest<Result>): Promise<Result> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
