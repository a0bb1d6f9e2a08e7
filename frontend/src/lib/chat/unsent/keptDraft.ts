/**
 * Stores the draft of a message in the browser: its text and the descriptions of its files, so that both are shown
 * before the server responds.
 */
import type { FileReference } from '@rill/protocol';
import type { Written } from '../files/written.ts';
import type { DraftStore } from './draftStore.ts';

const filesKey = (key: string): string => `files:${key}`;

export function readKept(drafts: DraftStore, key: string): Written {
  const files = parse(drafts.read(filesKey(key)));
  return { content: drafts.read(key), ...(files.length > 0 && { files }) };
}

/** `unsynced`: the server does not have it yet. */
export function writeKept(
  drafts: DraftStore,
  key: string,
  { content, files = [] }: Written,
  unsynced?: Omit<Parameters<DraftStore['write']>[2] & object, 'files'>,
): void {
  drafts.write(key, content, unsynced && { ...unsynced, ...(files.length > 0 && { files }) });
  drafts.write(filesKey(key), files.length > 0 ? JSON.stringify(files) : '');
}

/** None for what this page did not write. */
function parse(json: string): FileReference[] {
  try {
    const value: unknown = JSON.parse(json || '[]');
    return Array.isArray(value) ? (value as FileReference[]) : [];
  } catch {
    return [];
  }
}
