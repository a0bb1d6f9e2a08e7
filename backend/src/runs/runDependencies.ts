/** What the run stage is given by `app.ts`. */
import type { Clock } from '../clock.ts';
import type { SqliteDatabase } from '../database/sqliteDatabase.ts';
import type { Feeds } from '../feed/feeds.ts';
import type { LlmService } from '../llm/llmService.ts';
import type { ModelCatalog } from '../llm/modelCatalog.ts';
import type { EventLog } from '../log/eventLog.ts';
import type { LiveRuns } from '../log/liveRuns.ts';
import type { ActiveRequests } from './activeRequests.ts';
import type { EndedRuns } from './endedRuns.ts';

export interface RunSettings {
  /** Model for a chat that names none; null asks the catalog. */
  readonly defaultModel: string | null;
  readonly fallbackModels: readonly string[];
  /** Answer limit sent with every request, in tokens. */
  readonly maxTokens: number;
  readonly connectTimeoutMs: number;
  readonly firstDeltaTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly runDeadlineMs: number;
  readonly maxRunsPerOwner: number;
  readonly maxRuns: number;
}

/** Structured log lines of this stage. Fields are ids, codes and numbers; never text of a chat. */
export interface RunLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface RunDependencies {
  readonly database: SqliteDatabase;
  readonly log: EventLog;
  readonly liveRuns: LiveRuns;
  readonly endedRuns: EndedRuns;
  /** Told of every change that is committed. */
  readonly feeds: Pick<Feeds, 'publish'>;
  readonly activeRequests: ActiveRequests;
  readonly llm: LlmService;
  readonly models: ModelCatalog;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly bootId: string;
  /** Told when a look-up of what a run used falls due. */
  readonly reconciliation: { wakeAt(atMs: number): void };
  /** Aborts when the database is about to close: nothing may be tried again after that. */
  readonly closing: AbortSignal;
  readonly settings: RunSettings;
  readonly logger: RunLogger;
}

/** How long a run stays its owner's without a renewal, in milliseconds. */
const leaseMs = 10_000;

/** When a lease that begins or is renewed now ends, in milliseconds since the Unix epoch. */
export function leaseExpiryMs(clock: Clock): number {
  return clock.nowMs() + leaseMs;
}
