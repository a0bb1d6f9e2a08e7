/** The framework-free client of Rill for browsers and Node. */
export { type Clock, systemClock } from './clock.ts';
export type { FeedChange } from './feedFollower.ts';
export type { ConnectionEvent } from './followConnections.ts';
export type { ClientEvent } from './followRun.ts';
export {
  type CallOptions,
  type ChatPlace,
  createRillClient,
  type FeedClientEvent,
  type FeedRequest,
  type ProjectPlace,
  type ResumeRequest,
  type RillClient,
  type RillClientOptions,
  type SendRequest,
} from './rillClient.ts';
export type { FrameEvent } from './runFollower.ts';
export type { SharedRunEvent } from './runRelay.ts';
export { type FeedListener, followSharedFeed } from './sharedFeed.ts';
export { type RunRequest, type SharedRuns, shareRuns } from './sharedRuns.ts';
export { browserTabEnvironment, type TabEnvironment } from './tabEnvironment.ts';
export { createTabState, type TabState } from './tabState.ts';
export type { ClientEnvironment } from './wakeUps.ts';
