/** Makes the client's functions for what answers cost. */
import type { Budget, SetBudget, UsageGrouping, UsageReport, UsageSplit } from '@rill/protocol';
import { clientRoutes } from './http/clientRoutes.ts';
import type { JsonCall } from './http/request.ts';
import type { ClientRoute } from './http/routePath.ts';

interface Abortable {
  readonly signal?: AbortSignal | undefined;
}

/** The days, such as `2026-03-14`, and the time zone in which they are counted; default `UTC`. */
export interface UsagePeriod {
  readonly from: string;
  readonly to: string;
  readonly by: UsageGrouping;
  /** For days only: what each is divided by. */
  readonly split?: UsageSplit;
  readonly timeZone?: string;
}

/** The budget of one project, or of all together when none is named. */
interface BudgetRef {
  readonly projectId?: string | undefined;
}

export interface MoneyClient {
  /** The usage and cost of answers, deleted ones included. */
  getUsage(request: UsagePeriod & Abortable): Promise<UsageReport>;
  getBudget(request?: BudgetRef & Abortable): Promise<Budget>;
  putBudget(request: BudgetRef & SetBudget & Abortable): Promise<Budget>;
}

type Call = <Result>(route: ClientRoute, request: JsonCall) => Promise<Result>;

export function moneyCalls(call: Call): MoneyClient {
  const { getBudget, getProjectBudget, putBudget, putProjectBudget } = clientRoutes;
  return {
    getUsage: ({ signal, ...query }) => call(clientRoutes.getUsage, { query, signal }),
    getBudget: ({ projectId: id, signal } = {}) =>
      id === undefined ? call(getBudget, { signal }) : call(getProjectBudget, { params: { id }, signal }),
    putBudget: ({ projectId: id, signal, ...body }) =>
      id === undefined
        ? call(putBudget, { body, signal })
        : call(putProjectBudget, { params: { id }, body, signal }),
  };
}
