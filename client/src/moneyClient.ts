/** Makes the client's functions for what answers cost. */
import type { UsageGrouping, UsageReport } from '@rill/protocol';
import { clientRoutes } from './http/clientRoutes.ts';
import type { JsonCall } from './http/request.ts';
import type { ClientRoute } from './http/routePath.ts';

interface Abortable {
  readonly signal?: AbortSignal | undefined;
}

/** The days, as 2026-03-14, and the time zone by whose clocks they are counted; default `UTC`. */
export interface UsagePeriod {
  readonly from: string;
  readonly to: string;
  readonly by: UsageGrouping;
  readonly timeZone?: string;
}

export interface MoneyClient {
  /** What answers used and cost, deleted ones included. */
  getUsage(request: UsagePeriod & Abortable): Promise<UsageReport>;
}

type Call = <Result>(route: ClientRoute, request: JsonCall) => Promise<Result>;

export function moneyCalls(call: Call): MoneyClient {
  return {
    getUsage: ({ signal, ...query }) => call(clientRoutes.getUsage, { query, signal }),
  };
}
