/** Runs a search: scans all titles, finds messages by the index and verifies them against their texts, newest first. */
import { setImmediate } from 'node:timers/promises';
import { foldText, hasTerms } from '@rill/protocol';
import type { FoundText, FoundTexts, FoundTitle, Queryable, TextQuery } from '../../database.ts';
import {
  maxReadTexts,
  maxScannedTexts,
  maxTitles,
  type TextRow,
  toFoundText,
} from '../../texts/foundText.ts';
import { sqlOfPart } from '../../texts/textParts.ts';
import { gramsOfTerms } from './gramNumbers.ts';

/** Rows of one query; other work runs between two queries. */
const titlesPerRead = 500;
const textsPerRead = 100;

const titlesSql = `SELECT id, project_id, title, updated_at_ms FROM chats
  WHERE owner_id = $1 AND deleted_at_ms IS NULL AND (updated_at_ms, id) < ($2, $3)
  ORDER BY updated_at_ms DESC, id DESC LIMIT ${titlesPerRead}`;

// Makes the index alone choose the texts: with some statistics, the planner would read all texts instead.
const matchesSql = `WITH found AS MATERIALIZED (SELECT id FROM search_texts WHERE grams @> $1::integer[])
  SELECT id FROM found WHERE id < $2 ORDER BY id DESC LIMIT ${maxReadTexts + 1}`;
const newestSql = `SELECT id FROM search_texts WHERE owner_id = $1 AND id < $2
  ORDER BY id DESC LIMIT ${maxScannedTexts}`;

const textsSql = `SELECT texts.id, chats.project_id, messages.chat_id, chats.title, texts.message_id, messages.role,
    messages.created_at_ms, ${sqlOfPart('messages.content', 'texts.part')} AS text
  FROM search_texts AS texts JOIN messages ON messages.id = texts.message_id
    JOIN chats ON chats.id = messages.chat_id
  WHERE texts.id = ANY ($1::bigint[]) AND chats.owner_id = $2 AND chats.deleted_at_ms IS NULL
    AND messages.deleted_with_id IS NULL
  ORDER BY texts.id DESC`;

const highest = Number.MAX_SAFE_INTEGER;

/** Finds what is indexed. */
export async function findTexts(db: Queryable, query: TextQuery): Promise<FoundTexts> {
  const [titles, found, late] = await Promise.all([
    query.before === null ? findTitles(db, query) : [],
    findMessages(db, query),
    db.prepared.first(`SELECT 1 FROM search_texts WHERE waiting = 'later' LIMIT 1`, []),
  ]);
  return { titles, ...found, isComplete: late === null };
}

async function findTitles({ prepared }: Queryable, { ownerId, terms }: TextQuery): Promise<FoundTitle[]> {
  const found: FoundTitle[] = [];
  let last: { updated_at_ms: number; id: string } = { updated_at_ms: highest, id: '' };
  for (;;) {
    const rows = (await prepared.all(titlesSql, [ownerId, last.updated_at_ms, last.id])) as (typeof last & {
      readonly project_id: string;
      readonly title: string;
    })[];
    for (const { id, project_id, title, updated_at_ms } of rows) {
      if (!hasTerms(foldText(title), terms)) continue;
      found.push({ projectId: project_id, chatId: id, title, updatedAtMs: updated_at_ms });
      if (found.length === maxTitles) return found;
    }
    const end = rows.at(-1);
    if (!end || rows.length < titlesPerRead) return found;
    last = end;
  }
}

async function findMessages(
  { prepared }: Queryable,
  { ownerId, terms, limit, before }: TextQuery,
): Promise<Pick<FoundTexts, 'messages' | 'next'>> {
  const grams = gramsOfTerms(ownerId, terms);
  const from = before === null ? highest : Number(before);
  const candidates = (
    grams === null
      ? await prepared.all(newestSql, [ownerId, from])
      : await prepared.all(matchesSql, [grams, from])
  ) as { readonly id: number }[];
  const ids = candidates.map(({ id }) => id);
  const messages = new Map<string, FoundText>();
  for (let start = 0; start < Math.min(ids.length, maxReadTexts); start += textsPerRead) {
    const page = ids.slice(start, start + textsPerRead);
    const rows = (await prepared.all(textsSql, [`{${page}}`, ownerId])) as TextRow[];
    for (const row of rows) {
      if (messages.size === limit) return { messages: [...messages.values()], next: String(row.id + 1) };
      // Another part of the same text has been found already.
      if (!messages.has(row.message_id) && hasTerms(foldText(row.text), terms))
        messages.set(row.message_id, toFoundText(row, terms));
    }
    await setImmediate();
  }
  const next = ids[maxReadTexts];
  return { messages: [...messages.values()], next: next === undefined ? null : String(next + 1) };
}
