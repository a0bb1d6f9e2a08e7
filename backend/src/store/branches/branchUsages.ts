/** Reads the usage of the answers of a branch, with the estimates made before their requests. Reads no texts. */
import type { ContextReport, Usage } from '@rill/protocol';
import type { Queryable } from '../../database/database.ts';
import { prepareQuery, type Slots } from '../../database/preparedQuery.ts';
import { selectBranch } from '../messageParts.ts';

export interface BranchUsage {
  readonly usage: Usage | null;
  /** Null in a copy, whose run belongs to the original. */
  readonly requestedModel: string | null;
  /** Null until its run has ended, and in a copy. */
  readonly endedAtMs: number | null;
  /** Of what was sent for it. */
  readonly estimatedTokens: number | null;
}

const usagesTo = prepareQuery((db, leaf: Slots<{ readonly chatId: string; readonly leafId: string }>) =>
  selectBranch(db, leaf)
    .leftJoin('runs', 'runs.id', 'messages.run_id')
    .select(['messages.usage_json', 'runs.model as requested_model', 'runs.context_json', 'runs.ended_at_ms'])
    .where('messages.usage_json', 'is not', null),
);

/** The answers from the root to `leafId`, root first. */
export async function listBranchUsages(
  db: Queryable,
  chatId: string,
  leafId: string,
): Promise<BranchUsage[]> {
  const rows = await usagesTo.all(db, { chatId, leafId });
  return rows.map((row) => {
    const context = JSON.parse(row.context_json ?? 'null') as ContextReport | null;
    return {
      usage: JSON.parse(row.usage_json ?? 'null') as Usage | null,
      requestedModel: row.requested_model,
      endedAtMs: row.ended_at_ms === null ? null : Number(row.ended_at_ms),
      estimatedTokens: context?.estimatedTokens ?? null,
    };
  });
}
