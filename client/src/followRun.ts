/** One run from its first connection to its terminal event. The fold decides what is new. */
import { isEnded } from '@rill/protocol';
import { type ConnectionEvent, type FollowOptions, followConnections } from './followConnections.ts';
import { type FollowRequest, type FrameEvent, RunFollower } from './runFollower.ts';

/** What the iteration of a run gives. */
export type ClientEvent = ConnectionEvent | FrameEvent;

/**
 * Follows a run and ends by itself exactly once: after the terminal frame, after 204 when there is nothing to
 * follow, or quietly after an abort. Nothing is sent before the first `next()`, and nothing is read ahead.
 * Errors: RillError when the server refuses for good, or its answers stay broken.
 */
export async function* followRun(
  options: FollowOptions,
  request: FollowRequest,
): AsyncGenerator<ClientEvent, void, undefined> {
  if (request.view && isEnded(request.view)) return;
  yield* followConnections(options, request.signal, new RunFollower(request));
}
