/**
 * Keeps answers within monthly budgets. A send reserves the highest cost of its answer in the transaction that stores
 * it, so that concurrent sends never count on the same money. The end of the answer replaces the reservation with the
 * actual cost.
 */
import { type ChatBudget, RillError } from '@rill/protocol';
import type { Database, Queryable, WriteTransaction } from '../../database/database.ts';
import type { BudgetReservationRow } from '../../database/schema.ts';
import { together } from '../../database/together.ts';
import {
  findReservation,
  listLimited,
  type Month,
  type MonthlyBudget,
  monthOf,
  putReservation,
  readBudget,
  removeReservation,
  type Spender,
} from '../../store/money/budgets.ts';
import { nanosPerUsd, toUsd } from '../../store/money/usageEntries.ts';

/** The owner and the project to which an answer is charged. */
export interface SpendingRun {
  readonly ownerId: string;
  readonly projectId: string;
  readonly runId: string;
}

/** The highest cost of an answer, in US dollars, and who pays for it. */
interface WantedMoney {
  readonly spenders: readonly Spender[];
  /** Null: the price is unknown, and the answer gets the rest of the budget. */
  readonly wantedUsd: number | null;
}

export interface AnswerBudgets {
  /** The spenders of an answer whose month has a limit. */
  listLimited(
    transaction: WriteTransaction,
    of: Pick<SpendingRun, 'ownerId' | 'projectId'>,
  ): Promise<readonly Spender[]>;
  /**
   * Reserves the highest cost of an answer, or the rest of the budget if that is less, and returns it in US dollars;
   * null without spenders. Called in the transaction that stores the send. Errors: budget_exceeded.
   */
  reserve(transaction: WriteTransaction, run: SpendingRun, wanted: WantedMoney): Promise<number | null>;
  /**
   * Raises the allowed cost of an answer that costs more than expected, and returns it. `costUsd`: its cost so far.
   * Errors: budget_exceeded.
   */
  raise(run: SpendingRun, costUsd: number): Promise<number>;
  /** The allowed cost of a run that is restarted after a crash; null if no budget limits it. */
  find(runId: string): Promise<number | null>;
  /** The tightest budget of a project, its own or that of all projects; null if none limits it. */
  describe(of: { readonly ownerId: string; readonly projectId: string }): Promise<ChatBudget | null>;
  /** The run was ended elsewhere, and needs no money any more. Never rejects. */
  release(runId: string): Promise<void>;
  /** The send was not stored. */
  forget(runId: string): void;
}

/** How far beyond its current cost an answer may continue before the next check, as a factor. */
const raiseBy = 1.25;

type Stored = Pick<Database, 'transaction' | 'locks' | 'reader'>;

interface BudgetOptions {
  readonly stored: Stored;
  readonly bootId: string;
  readonly clock: { nowMs(): number };
  readonly logger: { error(fields: object, message: string): void };
}

export function createBudgets(options: BudgetOptions): AnswerBudgets {
  const { stored, logger } = options;
  const release = (runId: string) =>
    stored
      .transaction((transaction) => removeReservation(transaction, runId))
      .catch((error: unknown) => logger.error({ runId, err: error }, 'a reservation was not removed'));
  return {
    listLimited,
    async reserve(transaction, run, wanted) {
      // An answer that costs nothing is always allowed.
      if (wanted.wantedUsd === 0 || wanted.spenders.length === 0) return null;
      return reserveWithin(options, transaction, run, wanted);
    },
    raise: (run, costUsd) =>
      stored.transaction(async (transaction) => {
        const [, spenders] = await together([
          stored.locks.owner(transaction, run.ownerId),
          listLimited(transaction, run),
        ]);
        const rest = await readRest(options, transaction, run, spenders);
        const costNanos = costUsd * nanosPerUsd;
        if (rest.of && rest.nanos < costNanos) throw exceeded(rest.of, 'written');
        const allowedNanos = Math.min(Math.ceil(costNanos * raiseBy), rest.nanos);
        await putReservation(transaction, toRow(options, run, allowedNanos));
        return toUsd(allowedNanos);
      }),
    async find(runId) {
      const nanos = await findReservation(stored.reader, runId);
      return nanos === null ? null : toUsd(nanos);
    },
    async describe(of) {
      const limited = await listLimited(stored.reader, of);
      const rest = await readRest(options, stored.reader, { ...of, runId: '' }, limited);
      return rest.of && toChatBudget(rest.of);
    },
    release,
    // The rollback also undid the reservation.
    forget: () => undefined,
  };
}

/** The same for runs of a database in memory: their reservations are stored in separate transactions. */
export function createTemporaryBudgets(options: BudgetOptions): AnswerBudgets {
  const { stored } = options;
  const budgets = createBudgets(options);
  return {
    ...budgets,
    listLimited: (_transaction, of) => listLimited(stored.reader, of),
    async reserve(_transaction, run, wanted) {
      if (wanted.wantedUsd === 0 || wanted.spenders.length === 0) return null;
      return stored.transaction((transaction) => budgets.reserve(transaction, run, wanted));
    },
    forget: (runId) => void budgets.release(runId),
  };
}

async function reserveWithin(
  options: BudgetOptions,
  transaction: WriteTransaction,
  run: SpendingRun,
  { spenders, wantedUsd }: WantedMoney,
): Promise<number> {
  const [, rest] = await together([
    options.stored.locks.owner(transaction, run.ownerId),
    readRest(options, transaction, run, spenders),
  ]);
  if (rest.nanos <= 0 && rest.of) throw exceeded(rest.of, 'send');
  const wantedNanos = wantedUsd === null ? rest.nanos : Math.ceil(wantedUsd * nanosPerUsd);
  const allowedNanos = Math.min(wantedNanos, rest.nanos);
  await putReservation(transaction, toRow(options, run, allowedNanos));
  return toUsd(allowedNanos);
}

const toRow = (
  { bootId }: BudgetOptions,
  { runId, ownerId, projectId }: SpendingRun,
  nanos: number,
): BudgetReservationRow => ({
  boot_id: bootId,
  run_id: runId,
  owner_id: ownerId,
  project_id: projectId,
  nanos,
});

interface LimitedMonth extends Month {
  readonly spender: Spender;
  readonly budget: MonthlyBudget;
}

interface Rest {
  readonly nanos: number;
  /** The tightest budget; null if none limits the run. */
  readonly of: LimitedMonth | null;
}

function toChatBudget({ spender, budget, untilMs }: LimitedMonth): ChatBudget {
  return {
    projectId: spender.projectId,
    monthlyUsd: toUsd(budget.limitNanos ?? 0),
    spentUsd: toUsd(budget.spentNanos),
    reservedUsd: toUsd(budget.reservedNanos),
    endsAtMs: untilMs,
  };
}

/** What is left of the budgets for a run, not counting its own reservation. */
async function readRest(
  { clock }: BudgetOptions,
  db: Queryable,
  { runId }: SpendingRun,
  limited: readonly Spender[],
): Promise<Rest> {
  const month = monthOf(clock.nowMs());
  let rest: Rest = { nanos: Number.POSITIVE_INFINITY, of: null };
  const budgets = await together(limited.map((spender) => readBudget(db, spender, month, runId)));
  for (const [index, budget] of budgets.entries()) {
    const spender = limited[index];
    if (!spender) continue;
    const nanos = (budget.limitNanos ?? Number.POSITIVE_INFINITY) - budget.spentNanos - budget.reservedNanos;
    if (nanos < rest.nanos) rest = { nanos, of: { ...month, spender, budget } };
  }
  return rest;
}

/** In cents; an amount below one cent is written in full. */
const inDollars = (usd: number): string =>
  `$${usd >= 0.01 ? usd.toFixed(2) : usd.toFixed(9).replace(/0+$/, '')}`;

/**
 * The error names the amount and the end of the period. Another answer's reservation may be released, so a later
 * attempt may succeed.
 */
function exceeded({ spender, budget, untilMs }: LimitedMonth, asked: 'send' | 'written'): RillError {
  const { limitNanos, spentNanos } = budget;
  const limit = limitNanos ?? 0;
  const budgetUsd = toUsd(limit);
  const whose = `The monthly budget${spender.projectId === null ? '' : ' of this project'}, ${inDollars(budgetUsd)},`;
  const until = `until ${new Date(untilMs).toISOString().slice(0, 10)} (UTC)`;
  const details = { projectId: spender.projectId, budgetUsd, spentUsd: toUsd(spentNanos), endsAtMs: untilMs };
  if (asked === 'written')
    return new RillError('budget_exceeded', {
      message: `${whose} is used up ${until}, so the answer ends here.`,
      details,
    });
  if (spentNanos >= limit)
    return new RillError('budget_exceeded', { message: `${whose} is used up ${until}.`, details });
  const message = `${whose} is reserved for answers that are being written. Try again when they have ended.`;
  return new RillError('budget_exceeded', { message, isRetryable: true, retryAfterMs: 2000, details });
}
