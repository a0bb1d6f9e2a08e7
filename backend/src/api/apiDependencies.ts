/** Lists what `app.ts` passes to the HTTP stage. */
import type { ModelList, ProviderConnection, ProviderKey } from '@rill/protocol';
import type { Clock } from '../clock.ts';
import type { Feeds } from '../delivery/feed/feeds.ts';
import type { FrameEncoder } from '../delivery/frameEncoder.ts';
import type { FileService } from '../files/fileService.ts';
import type { ImportJobs } from '../imports/job/importJobs.ts';
import type { Giants } from '../runs/giantAnswers.ts';
import type { RunService } from '../runs/runService.ts';
import type { Keepers } from '../runs/temporary/keepers.ts';
import type { LazyTemporaryStages } from '../runs/temporary/temporaryStages.ts';
import type { StoreAccess } from '../store/storeAccess.ts';
import type { OpenFiles } from './connections/openFiles.ts';

/** Reports where the provider's key comes from, and changes it. `llm/key/providerKey.ts` documents the errors. */
interface ProviderKeyChanges {
  describe(): ProviderKey;
  store(pasted: string): Promise<ProviderKey>;
  remove(): Promise<ProviderKey>;
  /** `sessionId`: the session that may complete the connection; null if no session is needed. */
  connect(request: { pageUrl: string; sessionId: string | null }): Promise<ProviderConnection>;
  finish(request: { state: string; code: string; sessionId: string | null }): Promise<ProviderKey>;
}

export interface ApiDependencies extends Giants {
  readonly database: StoreAccess;
  readonly runs: RunService;
  readonly files: FileService;
  /** The stages of temporary chats, which replace `database`, `runs` and `files`. */
  readonly temporary: Pick<LazyTemporaryStages, 'open' | 'opened'>;
  /** Finds the node that has a temporary chat; null when there is only one process. */
  readonly keepers: Keepers | null;
  readonly feeds: Feeds;
  /** Encodes the frames of runs and feeds. */
  readonly encoder: FrameEncoder;
  readonly openFiles: OpenFiles;
  readonly imports: ImportJobs;
  readonly listModels: () => Promise<ModelList>;
  readonly providerKeys: ProviderKeyChanges;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly heartbeatMs: number;
  readonly stalledReaderTimeoutMs: number;
  readonly version: string;
}
