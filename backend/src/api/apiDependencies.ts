/** What the HTTP stage is given by `app.ts`. */
import type { ModelList } from '@rill/protocol';
import type { Clock } from '../clock.ts';
import type { Feeds } from '../delivery/feeds.ts';
import type { FrameEncoder } from '../delivery/frameEncoder.ts';
import type { Giants } from '../runs/giantAnswers.ts';
import type { RunService } from '../runs/runService.ts';
import type { StoreAccess } from '../store/storeAccess.ts';
import type { OpenFiles } from './connections/openFiles.ts';

export interface ApiDependencies extends Giants {
  readonly database: StoreAccess;
  readonly runs: RunService;
  readonly feeds: Feeds;
  /** Turns what runs and feeds publish into bytes. */
  readonly encoder: FrameEncoder;
  readonly openFiles: OpenFiles;
  readonly listModels: () => Promise<ModelList>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly heartbeatMs: number;
  readonly stalledReaderTimeoutMs: number;
  readonly version: string;
}
