/**
 * Shares the streams of runs among the tabs of a browser. `sendMessageStream` and `resumeStream` work as usual, but all
 * tabs that show a run use one stream, a hidden tab uses none, and all runs together use only a few. Invariant: of the
 * six connections that HTTP/1.1 allows, one is always free for short requests such as a cancel.
 */
import { emptyRunView, isEnded, type RunView } from '@rill/protocol';
import { iterate, type PushEvent } from '../connection/iterate.ts';
import type { ClientEvent } from '../connection/runFollower.ts';
import type { ChatRef, RillClient, SendRequest } from '../rillClient.ts';
import { RunRelay, type SharedRunEvent } from './runRelay.ts';
import { type ReleaseLock, takeLock, waitForLock } from './tabLocks.ts';
import type { TabState } from './tabState.ts';

export type StreamClient = Pick<RillClient, 'sendMessageStream' | 'resumeStream'>;

export interface SharedRunsOptions {
  readonly client: StreamClient;
  readonly tab: TabState;
}

export interface SharedRuns {
  /**
   * Works as `sendMessageStream` of the client. The message is sent at once, even when no stream is free; what follows
   * the first frame arrives on the same connection, on a later one, or from another tab.
   */
  sendMessageStream(request: SendRequest): AsyncIterable<SharedRunEvent>;
  /** Works as `resumeStream` of the client, for a run that is identified. */
  resumeStream(request: RunRequest): AsyncIterable<SharedRunEvent>;
}

export interface RunRequest extends ChatRef {
  readonly runId: string;
  readonly signal?: AbortSignal | undefined;
}

/** Two of the six connections stay free for short requests; one is the feed's. */
const streamLocks = ['rill:1:stream-1', 'rill:1:stream-2', 'rill:1:stream-3'];
/** The lock of the tab that holds a run's stream, and the channel on which it publishes to the others. */
const runName = (runId: string) => `rill:2:run:${runId}`;

export function shareRuns(options: SharedRunsOptions): SharedRuns {
  return {
    sendMessageStream: (request) =>
      iterate(request.signal, (push, signal) => sendShared(options, { ...request, signal }, push)),
    resumeStream: ({ projectId, chatId, runId, signal: leave }) =>
      iterate(leave, (push, signal) =>
        followShared(options, { projectId, chatId, view: emptyRunView(runId), signal }, null, push),
      ),
  };
}

/** A stream that the send has opened, with the lock that allows it. */
interface OpenedStream {
  readonly events: AsyncIterator<ClientEvent>;
  readonly releaseStream: ReleaseLock;
  close(): void;
}

interface FollowedRun extends ChatRef {
  readonly view: RunView;
  readonly signal: AbortSignal;
}

async function sendShared(
  options: SharedRunsOptions,
  request: SendRequest & { readonly signal: AbortSignal },
  push: PushEvent<SharedRunEvent>,
): Promise<void> {
  const { projectId, chatId, signal } = request;
  const connection = new AbortController();
  const releaseStream = await takeLock(options.tab.environment.locks, streamLocks);
  const close = (): void => {
    connection.abort();
    releaseStream?.();
  };
  const sent = { ...request, signal: AbortSignal.any([signal, connection.signal]) };
  const events = options.client.sendMessageStream(sent)[Symbol.asyncIterator]();
  try {
    const view = await readFirstFrame(events, push);
    if (!view) return;
    // Without a stream of its own the send was a short request, which has ended.
    if (!releaseStream) close();
    const opened = releaseStream && { events, releaseStream, close };
    await followShared(options, { projectId, chatId, view, signal }, opened, push);
  } finally {
    close();
    await events.return?.();
  }
}

/** Reads up to the first frame and returns its view; null when the iteration ended before it. */
async function readFirstFrame(
  events: AsyncIterator<ClientEvent>,
  push: PushEvent<SharedRunEvent>,
): Promise<RunView | null> {
  for (;;) {
    const next = await events.next();
    if (next.done) return null;
    await push(next.value);
    if (next.value.type === 'frame') return next.value.view;
  }
}

/**
 * Follows while the tab is visible, each time from its own view, until the run has ended or can no longer be reached.
 */
async function followShared(
  options: SharedRunsOptions,
  run: FollowedRun,
  opened: OpenedStream | null,
  push: PushEvent<SharedRunEvent>,
): Promise<void> {
  const { tab } = options;
  const { signal } = run;
  let { view } = run;
  for (let stream = opened; !isEnded(view) && !signal.aborted; stream = null) {
    if (!tab.isVisible()) {
      // The tab is hidden: its stream is closed, and the run continues without it.
      stream?.close();
      stream = null;
      await tab.waitFor(tab.isVisible, signal);
    }
    const scope = tab.whileTrue(tab.isVisible, signal);
    try {
      view = await watchShared(options, { ...run, view, signal: scope.signal }, stream, push);
      if (!scope.signal.aborted) return;
    } finally {
      scope.end();
    }
  }
}

/** Shares the run while the tab is visible, and reads its stream when it is this tab's turn. */
async function watchShared(
  options: SharedRunsOptions,
  run: FollowedRun,
  opened: OpenedStream | null,
  push: PushEvent<SharedRunEvent>,
): Promise<RunView> {
  const { environment } = options.tab;
  const channel = environment.locks ? environment.openChannel(runName(run.view.cursor.runId)) : null;
  const turn = new AbortController();
  const signal = AbortSignal.any([run.signal, turn.signal]);
  signal.addEventListener('abort', () => opened?.close());
  // The view of what was pushed: by the time the stream is closed, the relay may have more that the reader has not
  // seen.
  let { view } = run;
  const relay = new RunRelay(channel, view, (event) => {
    if (signal.aborted) return;
    void push(event);
    if ('view' in event) view = event.view;
    if (isEnded(view)) turn.abort();
  });
  try {
    await holdRun(options, { ...run, signal }, relay, opened);
  } catch (cause) {
    if (!signal.aborted) throw cause;
  } finally {
    turn.abort();
    relay.close();
  }
  return view;
}

/** Waits until the run's stream is this tab's to hold and one is free, then reads it to its end. */
async function holdRun(
  options: SharedRunsOptions,
  run: FollowedRun,
  relay: RunRelay,
  opened: OpenedStream | null,
): Promise<void> {
  const { locks } = options.tab.environment;
  const names = [runName(run.view.cursor.runId)];
  const runLock = opened && (await takeLock(locks, names));
  // Another tab learned of the run first and holds its stream already: this one follows that tab.
  if (!runLock) opened?.close();
  const releaseRun = runLock ?? (await waitForLock(locks, names, run.signal));
  if (!releaseRun) return;
  try {
    relay.hold();
    if (runLock && opened) await readTo(relay, { [Symbol.asyncIterator]: () => opened.events }, run.signal);
    else await readWhenFree(options, run, relay);
  } finally {
    if (runLock) opened?.close();
    releaseRun();
  }
}

async function readWhenFree(
  { client, tab }: SharedRunsOptions,
  { projectId, chatId, signal }: FollowedRun,
  relay: RunRelay,
): Promise<void> {
  const { locks } = tab.environment;
  const free = await takeLock(locks, streamLocks);
  if (!free) relay.share({ type: 'queued' });
  const releaseStream = free ?? (await waitForLock(locks, streamLocks, signal));
  if (!releaseStream) return;
  try {
    // The tab before this one may have published the end before its locks were free.
    if (!isEnded(relay.view))
      await readTo(relay, client.resumeStream({ projectId, chatId, view: relay.view, signal }), signal);
  } finally {
    releaseStream();
  }
}

async function readTo(
  relay: RunRelay,
  events: AsyncIterable<ClientEvent>,
  signal: AbortSignal,
): Promise<void> {
  for await (const event of events) {
    if (signal.aborted) return;
    relay.share(event);
  }
}
