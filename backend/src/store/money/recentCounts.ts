/** Reads how models counted the latest requests of an owner, next to the earlier estimates. Reads no texts. */
import type { ContextReport, Usage } from '@rill/protocol';
import type { Queryable } from '../../database/database.ts';

export interface CountedRequest {
  readonly estimatedTokens: number;
  /** As the model counted it. */
  readonly promptTokens: number;
  /** Tokens read from a cache, and written to one. */
  readonly cachedTokens: number;
  readonly cacheWriteTokens: number;
}

/** How many of the latest answers are scanned, so that the cost is bounded. */
const lookedThrough = 200;
const maxCounts = 8;

/** Counts of one model, in all chats, latest first. */
export async function listRecentCounts(
  db: Queryable,
  ownerId: string,
  model: string,
): Promise<CountedRequest[]> {
  const latest = db
    .selectFrom('runs')
    .select(['id', 'model', 'message_id', 'context_json'])
    .where('owner_id', '=', ownerId)
    .where('answered_model', 'is not', null)
    .orderBy('id', 'desc')
    .limit(lookedThrough)
    .as('latest');
  const rows = await db
    .selectFrom(latest)
    .innerJoin('messages', 'messages.id', 'latest.message_id')
    .select(['latest.context_json', 'messages.usage_json'])
    .where('latest.model', '=', model)
    .where('messages.usage_json', 'is not', null)
    .orderBy('latest.id', 'desc')
    .limit(maxCounts)
    .execute();
  return rows.flatMap((row) => {
    const context = JSON.parse(row.context_json ?? 'null') as ContextReport | null;
    const usage = JSON.parse(row.usage_json ?? 'null') as Usage | null;
    if (!context || !usage || usage.estimated || usage.promptTokens === 0) return [];
    const { promptTokens, cachedTokens, cacheWriteTokens = 0 } = usage;
    const { estimatedTokens } = context;
    return [{ estimatedTokens, promptTokens, cachedTokens: cachedTokens ?? 0, cacheWriteTokens }];
  });
}
