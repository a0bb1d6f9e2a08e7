/**
 * Keeps uploads in progress across a reload of their tab: the list with the tab, the bytes in the browser's database.
 * If the bytes cannot be stored, the list still says which files were lost.
 */
import type { StoredText } from '../storage/storedText.ts';

/** An upload that was in progress when the page was closed. */
export interface KeptUpload {
  readonly key: string;
  readonly target: { readonly key: string; readonly chatId?: string };
  readonly name: string;
  readonly sizeBytes: number;
}

/** Where bytes are kept. Each rejects where the browser does not allow it. */
export interface BytesStore {
  put(key: string, bytes: Blob): Promise<void>;
  /** Null when they are missing. */
  get(key: string): Promise<Blob | null>;
  delete(key: string): Promise<void>;
}

export interface KeptUploads {
  /** Of this tab, oldest first. */
  list(): readonly KeptUpload[];
  add(upload: KeptUpload, bytes: Blob): void;
  forget(key: string): void;
  /** Null when they are lost. */
  bytesOf(key: string): Promise<Blob | null>;
}

/** `list`: of this tab alone, so that no other tab uploads them too. */
export function createKeptUploads(list: StoredText, store: BytesStore): KeptUploads {
  const read = (): readonly KeptUpload[] => parse(list.value ?? '[]');
  const write = (uploads: readonly KeptUpload[]) => {
    list.value = uploads.length > 0 ? JSON.stringify(uploads) : null;
  };
  return {
    list: read,
    add(upload, bytes) {
      write([...read(), upload]);
      // Without space for its bytes, a reload reports that it is lost.
      store.put(upload.key, bytes).catch(() => undefined);
    },
    forget(key) {
      const kept = read();
      if (!kept.some((upload) => upload.key === key)) return;
      write(kept.filter((upload) => upload.key !== key));
      store.delete(key).catch(() => undefined);
    },
    bytesOf: (key) => store.get(key).catch(() => null),
  };
}

function parse(stored: string): readonly KeptUpload[] {
  try {
    const list: unknown = JSON.parse(stored);
    return Array.isArray(list) ? list.filter(isKept) : [];
  } catch {
    // Data that another version wrote.
    return [];
  }
}

const isKept = (value: unknown): value is KeptUpload => {
  const { key, target, name, sizeBytes } = (value ?? {}) as Record<string, unknown>;
  return (
    typeof key === 'string' &&
    typeof name === 'string' &&
    typeof sizeBytes === 'number' &&
    typeof (target as { key?: unknown } | null)?.key === 'string'
  );
};
