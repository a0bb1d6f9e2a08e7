/** Defines what `app.ts` passes to the run stage. */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import type { FeedWriter } from '../delivery/feed/feeds.ts';
import type { FinishedRunCache } from '../delivery/finishedRunCache.ts';
import type { LiveRuns } from '../delivery/liveRuns.ts';
import type { FileService } from '../files/fileService.ts';
import type { LlmService } from '../llm/llmService.ts';
import type { ModelCatalog } from '../llm/modelCatalog.ts';
import type { EventLog } from '../log/eventLog.ts';
import type { LeaseHolder } from '../store/runLeases.ts';
import type { ActiveRequests } from './activeRequests.ts';
import type { AnswerMemory } from './answerMemory.ts';
import type { UnsavedText } from './execute/unsavedText.ts';
import type { Giants } from './giantAnswers.ts';
import type { AnswerBudgets } from './money/answerBudgets.ts';
import type { UsageLedger } from './money/usageLedger.ts';
import type { QueueWakes } from './queue/queueWakes.ts';
import type { RunsElsewhere } from './runsElsewhere.ts';
import type { TitleWriter } from './titles/titleWriter.ts';

export interface RunSettings {
  /** Model of a chat that names none; null for the catalog's default. */
  readonly defaultModel: string | null;
  /** Model that names chats: an id, `off`, or '' for a small one that the provider lists. */
  readonly titleModel: string;
  readonly fallbackModels: readonly string[];
  /** Answer limit sent with every request, in tokens. */
  readonly maxTokens: number;
  /** Most that the web tools of one answer may cost, in US dollars. */
  readonly maxWebCostUsd: number;
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

export interface RunDependencies extends Giants {
  readonly database: Database;
  readonly log: EventLog;
  readonly files: FileService;
  readonly liveRuns: LiveRuns;
  readonly elsewhere: RunsElsewhere;
  readonly finishedRuns: FinishedRunCache;
  /** Gets every committed change. */
  readonly feeds: FeedWriter;
  readonly activeRequests: ActiveRequests;
  readonly answerMemory: AnswerMemory;
  readonly unsavedText: UnsavedText;
  /** True if the process may open the files of one more answer. A registered run is counted already. */
  readonly hasRoomForCall: () => boolean;
  readonly llm: LlmService;
  readonly models: ModelCatalog;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly bootId: string;
  readonly titles: Pick<TitleWriter, 'consider'>;
  readonly budgets: AnswerBudgets;
  readonly ledger: UsageLedger;
  /** Schedules usage look-ups, by a clock that does not follow changes of the wall clock. */
  readonly reconciliation: { nowMs(): number; wakeAt(atMs: number): void };
  /** Aborted when the database is about to close: nothing may be retried after that. */
  readonly closing: AbortSignal;
  readonly queueWakes: QueueWakes;
  readonly settings: RunSettings;
  readonly logger: RunLogger;
}

/** This process start as an owner of runs. */
export function leaseHolder({ bootId, database }: Pick<RunDependencies, 'bootId' | 'database'>): LeaseHolder {
  return { bootId, isExclusive: database.isExclusive, isNode: database.hasNodes };
}
