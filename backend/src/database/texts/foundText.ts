/** Bounds what a search reads, and turns the rows it finds into results; both engines use it. */
import type { FoundText } from '../database.ts';
import { cutSnippet } from './snippet.ts';

export const maxTitles = 8;
/** Most of the newest texts that are scanned for terms too short for the index. */
export const maxScannedTexts = 3000;
/** Most texts that are read for one page: matches of the index may have the letters in another order. */
export const maxReadTexts = 20_000;

export interface TextRow {
  readonly id: number;
  readonly project_id: string;
  readonly chat_id: string;
  readonly title: string;
  readonly message_id: string;
  readonly role: FoundText['role'];
  readonly created_at_ms: number;
  readonly text: string;
}

export const toFoundText = (row: TextRow, terms: readonly string[]): FoundText => ({
  projectId: row.project_id,
  chatId: row.chat_id,
  chatTitle: row.title,
  messageId: row.message_id,
  role: row.role,
  snippet: cutSnippet(row.text, terms),
  createdAtMs: Number(row.created_at_ms),
});
