/** The client of Rill for browsers and Node, without a framework. */
export {
  type Annotation,
  type CancelResult,
  type Chat,
  type ChatDetail,
  type ChatQueue,
  type Cursor,
  type DecodedFrame,
  type Draft,
  type ErrorCode,
  emptyRunView,
  type FeedEvent,
  type FileReference,
  formatCursor,
  type GeneratedImage,
  isEnded,
  type Message,
  type Model,
  type ModelList,
  type Project,
  type ProviderConnection,
  type ProviderKey,
  type QueuedMessage,
  RillError,
  type Run,
  type RunError,
  type RunEvent,
  type RunView,
  type SendResult,
  type ToolCall,
  type Usage,
} from '@rill/protocol';
export { type Clock, systemClock } from './clientClock.ts';
export type { RillClientOptions } from './clientOptions.ts';
export type { ConnectionEvent } from './connection/connectionLoop.ts';
export type { FeedChange } from './connection/feedFollower.ts';
export type { ClientEvent, FrameEvent } from './connection/runFollower.ts';
export type { ClientEnvironment } from './connection/wakeUps.ts';
export {
  type CallOptions,
  type ChatRef,
  createRillClient,
  type DraftRef,
  type FeedClientEvent,
  type FeedRequest,
  type ProjectRef,
  type QueuedRef,
  type ResumeRequest,
  type RillClient,
  type SendRequest,
} from './rillClient.ts';
export { EndedRuns, type UnseenEnd } from './tabs/endedRuns.ts';
export type { SharedRunEvent } from './tabs/runRelay.ts';
export { type FeedListener, followSharedFeed } from './tabs/sharedFeed.ts';
export { type RunRequest, type SharedRuns, shareRuns } from './tabs/sharedRuns.ts';
export { browserTabEnvironment, type TabEnvironment } from './tabs/tabEnvironment.ts';
export { createTabState, type TabState } from './tabs/tabState.ts';
export { uploadWatched, type WatchedUploadRequest } from './watchedUpload.ts';
