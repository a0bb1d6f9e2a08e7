/** What the HTTP stage is given by `app.ts`. */
import type { ModelList } from '@rill/protocol';
import type { Clock } from '../clock.ts';
import type { Feeds } from '../feed/feeds.ts';
import type { Runs } from '../runs/runs.ts';
import type { StoreAccess } from '../store/storeAccess.ts';

export interface ApiDependencies {
  readonly database: StoreAccess;
  readonly runs: Runs;
  readonly feeds: Feeds;
  readonly listModels: () => Promise<ModelList>;
  readonly clock: Clock;
  readonly newId: () => string;
  /** The one owner while no accounts are configured. */
  readonly ownerId: string;
  readonly heartbeatMs: number;
  readonly parkedLimitMs: number;
  readonly version: string;
}
