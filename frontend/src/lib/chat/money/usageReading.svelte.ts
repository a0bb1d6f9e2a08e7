/**
 * Reads the usage of a period by day, project and model, all together or not at all. Days may be divided by projects or
 * models.
 */
import type { RillClient } from '@rill/client/source';
import type { UsageReport, UsageSplit } from '@rill/protocol';
import { type Period, periodDays } from './periods.ts';

export type MoneyClient = Pick<RillClient, 'getUsage' | 'getBudget' | 'putBudget'>;

export interface UsageReports {
  readonly day: UsageReport;
  readonly project: UsageReport;
  readonly model: UsageReport;
}

export class UsageReading {
  /** The last report; it is kept while the next one is being read. Null at first. */
  reports = $state.raw<UsageReports | null>(null);
  hasFailed = $state(false);
  readonly #client: Pick<MoneyClient, 'getUsage'>;
  readonly #timeZone: string;
  #latest: AbortController | null = null;

  constructor(client: Pick<MoneyClient, 'getUsage'>, timeZone: string) {
    this.#client = client;
    this.#timeZone = timeZone;
  }

  /** Reads the days of a period that ends today. A later call cancels an earlier one. */
  async read(period: Period, nowMs: number, split: UsageSplit | null = null): Promise<void> {
    this.#latest?.abort();
    const latest = new AbortController();
    this.#latest = latest;
    const timeZone = this.#timeZone;
    const request = { ...periodDays(period, nowMs, timeZone), timeZone, signal: latest.signal };
    try {
      const [day, project, model] = await Promise.all(
        (['day', 'project', 'model'] as const).map((by) =>
          this.#client.getUsage({ ...request, by, ...(split && by === 'day' && { split }) }),
        ),
      );
      if (latest.signal.aborted || !day || !project || !model) return;
      this.reports = { day, project, model };
      this.hasFailed = false;
    } catch {
      if (!latest.signal.aborted) this.hasFailed = true;
    }
  }

  dispose(): void {
    this.#latest?.abort();
  }
}
