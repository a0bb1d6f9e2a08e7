/** Keeps the sum of what the answers of a chat cost, so that a list of chats reads none of them. */
import type { ChatCost, TitleReceipt, Usage } from '@rill/protocol';
import type { Queryable } from '../../database/database.ts';
import { prepareQuery, type Slots } from '../../database/preparedQuery.ts';
import type { ChatRow } from '../../database/schema.ts';

interface CostChange {
  readonly chatId: string;
  readonly costUsd: number | null;
  readonly uncertain: number;
}

const change = prepareQuery((db, { chatId, costUsd, uncertain }: Slots<CostChange>) =>
  db
    .updateTable('chats')
    .set(({ eb, fn, ref }) => ({
      // What is known is kept when nothing is known of the next.
      cost_usd: fn.coalesce(eb('cost_usd', '+', costUsd), ref('cost_usd'), costUsd),
      uncertain_costs: eb('uncertain_costs', '+', uncertain),
    }))
    .where('id', '=', chatId),
);

/** Puts what is known now of an answer in the place of what was known before. Copies have no part in it. */
export async function changeChatCost(
  db: Queryable,
  chatId: string,
  before: Usage | null,
  after: Usage | null,
): Promise<void> {
  const isKnown = before?.costUsd != null || after?.costUsd != null;
  const costUsd = isKnown ? (after?.costUsd ?? 0) - (before?.costUsd ?? 0) : null;
  const uncertain = uncertaintyOf(after) - uncertaintyOf(before);
  if ((costUsd ?? 0) !== 0 || uncertain !== 0 || (before === null && after !== null))
    await change.change(db, { chatId, costUsd, uncertain });
}

const uncertaintyOf = (usage: Usage | null): number =>
  usage && (usage.estimated || usage.costUsd === null) ? 1 : 0;

/** With its title; absent while nothing is known. */
export function chatCost(
  row: Pick<ChatRow, 'cost_usd' | 'uncertain_costs'>,
  title: TitleReceipt | null,
): { cost?: ChatCost } {
  const titleUsd = title?.usage?.costUsd ?? null;
  const costUsd = row.cost_usd === null ? titleUsd : Number(row.cost_usd) + (titleUsd ?? 0);
  if (costUsd === null) return {};
  return { cost: { costUsd, estimated: row.uncertain_costs > 0 || uncertaintyOf(title?.usage ?? null) > 0 } };
}
