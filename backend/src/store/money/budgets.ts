/**
 * Stores monthly budgets, and the reservations of answers in progress. Months are in UTC; money is in whole billionths
 * of a US dollar.
 */
import { type SqlBool, sql } from 'kysely';
import type { Queryable } from '../../database/database.ts';
import { prepareQuery, type Slots } from '../../database/preparedQuery.ts';
import type { BudgetReservationRow } from '../../database/schema.ts';
import { together } from '../../database/together.ts';
import { nanosPerUsd } from './usageEntries.ts';

/** The owner of a budget: all projects of a user, or one of them. */
export interface Spender {
  readonly ownerId: string;
  /** Null for all. */
  readonly projectId: string | null;
}

/** The limit and the use of a budget in one month. */
export interface MonthlyBudget {
  /** Null for no limit. */
  readonly limitNanos: number | null;
  readonly spentNanos: number;
  /** The most that answers in progress may cost. */
  readonly reservedNanos: number;
}

export interface Month {
  readonly fromMs: number;
  /** The first time after it. */
  readonly untilMs: number;
}

export function monthOf(nowMs: number): Month {
  const now = new Date(nowMs);
  const startOf = (month: number) => Date.UTC(now.getUTCFullYear(), month, 1);
  return { fromMs: startOf(now.getUTCMonth()), untilMs: startOf(now.getUTCMonth() + 1) };
}

const limitsOf = prepareQuery(
  (db, { ownerId, projectId }: Slots<{ readonly ownerId: string; readonly projectId: string }>) =>
    db
      .selectFrom('budgets')
      .select(['project_id', 'monthly_nanos'])
      .where('owner_id', '=', ownerId)
      .where((where) => where.or([where('project_id', 'is', null), where('project_id', '=', projectId)])),
);

/** The spenders of an answer whose month has a limit. */
export async function listLimited(
  db: Queryable,
  { ownerId, projectId }: { readonly ownerId: string; readonly projectId: string },
): Promise<Spender[]> {
  const rows = await limitsOf.all(db, { ownerId, projectId });
  return rows.map(({ project_id }) => ({ ownerId, projectId: project_id }));
}

/** `exceptRunId`: a run whose own reservation does not count. */
export async function readBudget(
  db: Queryable,
  { ownerId, projectId }: Spender,
  { fromMs, untilMs }: Month,
  exceptRunId = '',
): Promise<MonthlyBudget> {
  const found = db
    .selectFrom('budgets')
    .select('monthly_nanos')
    .where('id', '=', projectId ?? ownerId)
    .where('owner_id', '=', ownerId);
  const spent = db
    .selectFrom('usage_entries')
    // As a floating-point number, which holds these sums exactly and is larger than the engine's integers.
    .select(({ fn, cast, ref }) => fn.sum(cast(ref('cost_nanos'), 'double precision')).as('nanos'))
    .where('started_at_ms', '>=', fromMs)
    .where('started_at_ms', '<', untilMs);
  const reserved = db
    .selectFrom('budget_reservations')
    .select(({ fn }) => fn.sum('nanos').as('nanos'))
    .where('owner_id', '=', ownerId)
    .where('run_id', '!=', exceptRunId);
  const [ofMonth, ofOpen] =
    projectId === null
      ? [spent.where('owner_id', '=', ownerId), reserved]
      : [spent.where('project_id', '=', projectId), reserved.where('project_id', '=', projectId)];
  const [limit, sum, held] = await together([
    found.executeTakeFirst(),
    ofMonth.executeTakeFirst(),
    ofOpen.executeTakeFirst(),
  ]);
  return {
    limitNanos: limit ? Number(limit.monthly_nanos) : null,
    spentNanos: Number(sum?.nanos ?? 0),
    reservedNanos: Number(held?.nanos ?? 0),
  };
}

/** Sets the limit of a month; null removes it. */
export async function setLimit(
  db: Queryable,
  { ownerId, projectId }: Spender,
  monthlyUsd: number | null,
): Promise<void> {
  const id = projectId ?? ownerId;
  await db.deleteFrom('budgets').where('id', '=', id).where('owner_id', '=', ownerId).execute();
  if (monthlyUsd === null) return;
  const monthly_nanos = Math.round(monthlyUsd * nanosPerUsd);
  await db
    .insertInto('budgets')
    .values({ id, owner_id: ownerId, project_id: projectId, monthly_nanos })
    .execute();
}

/** Sets the reservation of a run. */
export async function putReservation(db: Queryable, row: BudgetReservationRow): Promise<void> {
  await db
    .insertInto('budget_reservations')
    .values(row)
    .onConflict((conflict) => conflict.column('run_id').doUpdateSet({ nanos: row.nanos }))
    .execute();
}

const remove = prepareQuery((db, { runId }: Slots<{ readonly runId: string }>) =>
  db.deleteFrom('budget_reservations').where('run_id', '=', runId),
);

export async function removeReservation(db: Queryable, runId: string): Promise<void> {
  await remove.change(db, { runId });
}

/** The reservation of a run; null if it has none. */
export async function findReservation(db: Queryable, runId: string): Promise<number | null> {
  const row = await db
    .selectFrom('budget_reservations')
    .select('nanos')
    .where('run_id', '=', runId)
    .executeTakeFirst();
  return row ? Number(row.nanos) : null;
}

/** Removes the reservations of temporary runs that ended with their process. Unfenced nodes keep theirs. */
export async function removeStaleReservations(db: Queryable, hasNodes: boolean): Promise<void> {
  const ofOpenNode = sql<SqlBool>`EXISTS (
    SELECT FROM nodes WHERE nodes.boot_id = budget_reservations.boot_id AND nodes.fenced_at_ms IS NULL)`;
  await db
    .deleteFrom('budget_reservations')
    .$if(hasNodes, (query) => query.where(({ not }) => not(ofOpenNode)))
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('runs')
            .select('runs.id')
            .whereRef('runs.id', '=', 'budget_reservations.run_id')
            .where('runs.ended_at_ms', 'is', null),
        ),
      ),
    )
    .execute();
}
