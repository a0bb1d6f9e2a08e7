/**
 * Runs a search on one connection: scans all titles, finds messages by the index and verifies them against their texts.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { foldText, hasTerms } from '@rill/protocol';
import type { FoundText, FoundTexts, FoundTitle, TextQuery } from '../../database.ts';
import {
  maxReadTexts,
  maxScannedTexts,
  maxTitles,
  type TextRow,
  toFoundText,
} from '../../texts/foundText.ts';
import { sqlOfPart } from '../../texts/textParts.ts';
import { trigramsOfTerms } from '../../texts/trigrams.ts';

export class TextFinder {
  readonly #titles: StatementSync;
  readonly #matches: StatementSync;
  readonly #newest: StatementSync;
  readonly #isAnyWaiting: StatementSync;

  constructor(connection: DatabaseSync) {
    const selectTexts = (from: string, condition: string) =>
      connection.prepare(
        `SELECT texts.id, chats.project_id, messages.chat_id, chats.title, texts.message_id, messages.role,
           messages.created_at_ms, ${sqlOfPart('messages.content', 'texts.part')} AS text
         FROM ${from} CROSS JOIN messages ON messages.id = texts.message_id
           CROSS JOIN chats ON chats.id = messages.chat_id
         WHERE chats.owner_id = :ownerId AND chats.deleted_at_ms IS NULL
           AND messages.deleted_with_id IS NULL AND ${condition}`,
      );
    this.#titles = connection.prepare(
      `SELECT id, project_id, title, updated_at_ms FROM chats
       WHERE owner_id = ? AND deleted_at_ms IS NULL ORDER BY updated_at_ms DESC, id DESC`,
    );
    this.#matches = selectTexts(
      'search_index CROSS JOIN search_texts AS texts ON texts.id = search_index.rowid',
      'search_index MATCH :match AND search_index.rowid < :before ORDER BY search_index.rowid DESC',
    );
    this.#newest = selectTexts('search_texts AS texts', 'texts.id < :before ORDER BY texts.id DESC');
    this.#isAnyWaiting = connection.prepare(`SELECT 1 FROM search_texts WHERE waiting = 'later' LIMIT 1`);
  }

  find(query: TextQuery): FoundTexts {
    return {
      titles: query.before === null ? this.#findTitles(query) : [],
      ...this.#findMessages(query),
      isComplete: this.#isAnyWaiting.get() === undefined,
    };
  }

  #findTitles({ ownerId, terms }: TextQuery): FoundTitle[] {
    const found: FoundTitle[] = [];
    for (const row of this.#titles.iterate(ownerId)) {
      const title = String(row.title);
      if (!hasTerms(foldText(title), terms)) continue;
      const updatedAtMs = Number(row.updated_at_ms);
      found.push({ projectId: String(row.project_id), chatId: String(row.id), title, updatedAtMs });
      if (found.length === maxTitles) break;
    }
    return found;
  }

  #findMessages({ ownerId, terms, limit, before }: TextQuery): Pick<FoundTexts, 'messages' | 'next'> {
    const match = toMatchQuery(trigramsOfTerms(terms));
    const range = { ownerId, before: before === null ? Number.MAX_SAFE_INTEGER : Number(before) };
    const rows = match === null ? this.#newest.iterate(range) : this.#matches.iterate({ ...range, match });
    const messages = new Map<string, FoundText>();
    let readTexts = 0;
    for (const row of rows as Iterable<unknown> as Iterable<TextRow>) {
      if (messages.size === limit || readTexts === maxReadTexts)
        return { messages: [...messages.values()], next: String(row.id + 1) };
      readTexts += 1;
      // Another part of the same text has been found already.
      if (!messages.has(row.message_id) && hasTerms(foldText(row.text), terms))
        messages.set(row.message_id, toFoundText(row, terms));
      if (match === null && readTexts === maxScannedTexts) break;
    }
    return { messages: [...messages.values()], next: null };
  }
}

/** Builds the query for texts that contain all these trigrams; null for none. */
const toMatchQuery = (trigrams: readonly string[]): string | null =>
  trigrams.length === 0
    ? null
    : trigrams.map((trigram) => `"${trigram.replaceAll('"', '""')}"`).join(' AND ');
