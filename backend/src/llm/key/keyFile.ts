/**
 * Stores the key that a user entered in a separate file, which only the server's system user may read. It is not in the
 * database, so neither copies nor freed pages of the database contain it.
 */
import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  promises,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { isJsonObject } from '@rill/protocol';
import { parseJson } from '../wire/jsonValue.ts';

export interface StoredKey {
  readonly apiKey: string;
  /** Base URL of the provider for which it was entered; it is sent to no other. */
  readonly baseUrl: string;
}

const onlyOwner = 0o600;

export class KeyFile {
  readonly #path: string;
  /** The state of the file when it was last read; undefined after a change by this process. */
  #lookedAt: string | undefined;

  constructor(dataDirectory: string) {
    this.#path = join(dataDirectory, 'provider-key.json');
  }

  /** True if the file has changed since it was last read, because a process that shares the folder has replaced it. */
  async hasChanged(): Promise<boolean> {
    const state = await this.#readState();
    if (state === this.#lookedAt) return false;
    this.#lookedAt = state;
    return true;
  }

  /** Null if there is none. Errors: throws one sentence if the file exists but cannot be read. */
  read(): StoredKey | null {
    try {
      // A restored copy of the folder may have lost the file mode.
      chmodSync(this.#path, onlyOwner);
      return readStoredKey(readFileSync(this.#path, 'utf8'));
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
      throw new Error(`The stored key cannot be read: repair or delete ${this.#path}.`, { cause });
    }
  }

  /** Once this returns, the key survives a power cut. The former key stays intact until then. */
  write({ apiKey, baseUrl }: StoredKey): void {
    const newPath = `${this.#path}-new`;
    rmSync(newPath, { force: true });
    // `wx`: never writes into a file that someone else placed there.
    const file = openSync(newPath, 'wx', onlyOwner);
    try {
      writeSync(file, JSON.stringify({ apiKey, baseUrl }));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(newPath, this.#path);
    this.#lookedAt = undefined;
    this.#syncFolder();
  }

  remove(): void {
    rmSync(`${this.#path}-new`, { force: true });
    rmSync(this.#path, { force: true });
    this.#lookedAt = undefined;
    this.#syncFolder();
  }

  async #readState(): Promise<string> {
    try {
      const { ino, mtimeMs, size } = await promises.stat(this.#path);
      return `${ino} ${mtimeMs} ${size}`;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
      throw error;
    }
  }

  #syncFolder(): void {
    const folder = openSync(dirname(this.#path), 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }
}

/** Errors: throws if the text is not a stored key. The message contains no part of the text. */
function readStoredKey(text: string): StoredKey {
  const json = parseJson(text);
  if (!isJsonObject(json) || typeof json.apiKey !== 'string' || typeof json.baseUrl !== 'string')
    throw new Error('The file has another form.');
  return { apiKey: json.apiKey, baseUrl: json.baseUrl };
}
