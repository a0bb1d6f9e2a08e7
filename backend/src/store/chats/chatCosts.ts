/** Keeps the total cost of a chat's answers, so that a list of chats reads none of them. */
import type { ChatCost, TitleReceipt, Usage } from '@rill/protocol';
import type { ExpressionBuilder } from 'kysely';
import type { Queryable } from '../../database/database.ts';
import { prepareQuery, type Slots } from '../../database/preparedQuery.ts';
import type { ChatRow, DatabaseSchema } from '../../database/schema.ts';

/** A change of a chat's totals. */
export interface CostChange {
  readonly costUsd: number | null;
  readonly uncertain: number;
}

/** The columns of the new totals. A known cost is kept when the next one is unknown. */
export const changedSums =
  ({ costUsd, uncertain }: Slots<CostChange>) =>
  ({ eb, fn, ref }: ExpressionBuilder<DatabaseSchema, 'chats'>) => ({
    cost_usd: fn.coalesce(eb('cost_usd', '+', costUsd), ref('cost_usd'), costUsd),
    uncertain_costs: eb('uncertain_costs', '+', uncertain),
  });

const change = prepareQuery((db, { chatId, ...added }: Slots<CostChange & { readonly chatId: string }>) =>
  db.updateTable('chats').set(changedSums(added)).where('id', '=', chatId),
);

/** The difference that an answer makes: its current cost in place of the former one. Copies make none. */
export function costChange(before: Usage | null, after: Usage | null): CostChange {
  const isKnown = before?.costUsd != null || after?.costUsd != null;
  return {
    costUsd: isKnown ? (after?.costUsd ?? 0) - (before?.costUsd ?? 0) : null,
    uncertain: uncertaintyOf(after) - uncertaintyOf(before),
  };
}

/** Corrects the share of an ended answer. */
export async function changeChatCost(
  db: Queryable,
  chatId: string,
  before: Usage | null,
  after: Usage | null,
): Promise<void> {
  const added = costChange(before, after);
  if ((added.costUsd ?? 0) !== 0 || added.uncertain !== 0 || (before === null && after !== null))
    await change.change(db, { chatId, ...added });
}

const uncertaintyOf = (usage: Usage | null): number =>
  usage && (usage.estimated || usage.costUsd === null) ? 1 : 0;

/** A chat's cost including its title; absent while nothing is known. */
export function chatCost(
  row: Pick<ChatRow, 'cost_usd' | 'uncertain_costs'>,
  title: TitleReceipt | null,
): { cost?: ChatCost } {
  const titleUsd = title?.usage?.costUsd ?? null;
  const costUsd = row.cost_usd === null ? titleUsd : Number(row.cost_usd) + (titleUsd ?? 0);
  if (costUsd === null) return {};
  return { cost: { costUsd, estimated: row.uncertain_costs > 0 || uncertaintyOf(title?.usage ?? null) > 0 } };
}
