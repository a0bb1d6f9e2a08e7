/** The framework-free client of Rill for browsers and Node. */
export { type Clock, systemClock } from './clock.ts';
export type { ClientEvent, ConnectionEvent, FrameEvent } from './followRun.ts';
export {
  type CallOptions,
  type ChatPlace,
  createRillClient,
  type ProjectPlace,
  type ResumeRequest,
  type RillClient,
  type RillClientOptions,
  type SendRequest,
} from './rillClient.ts';
export type { ClientEnvironment } from './wakeUps.ts';
