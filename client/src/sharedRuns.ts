/**
 * The streams of runs, shared among the tabs of a browser: `sendMessageStream` and `resumeStream` as they are, but one
 * stream for all tabs that show a run, none for a tab that nobody sees, and never more than a few for all runs.
 * Invariant: short requests, such as a cancel, always find a free connection of the six that HTTP/1.1 has.
 */
import { emptyRunView, isEnded, type RunView } from '@rill/protocol';
import { EventQueue } from './eventQueue.ts';
import type { ClientEvent } from './followRun.ts';
import type { ChatPlace, RillClient, SendRequest } from './rillClient.ts';
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
   * As `sendMessageStream` of the client. The message is sent at once, also when no stream is free; what follows the
   * first frame comes on the same connection, on a later one, or from another tab.
   */
  sendMessageStream(request: SendRequest): AsyncIterable<SharedRunEvent>;
  /** As `resumeStream` of the client, for a run that is named. */
  resumeStream(request: RunRequest): AsyncIterable<SharedRunEvent>;
}

export interface RunRequest extends ChatPlace {
  readonly runId: string;
  readonly signal?: AbortSignal | undefined;
}

/** Two of the six connections stay free for short requests; one is the feed's. */
const streamLocks = ['rill:1:stream-1', 'rill:1:stream-2', 'rill:1:stream-3'];
/** The lock of the tab that holds a run's stream, and the channel on which it tells the others. */
const runName = (runId: string) => `rill:1:run:${runId}`;

export function shareRuns(options: SharedRunsOptions): SharedRuns {
  return {
    sendMessageStream: (request) => sendShared(options, request),
    resumeStream: ({ projectId, chatId, runId, signal = new AbortController().signal }) =>
      followShared(options, { projectId, chatId, view: emptyRunView(runId), signal }, null),
  };
}

/** A stream that the send has opened, with the lock that allows it. */
interface OpenedStream {
  readonly events: AsyncIterator<ClientEvent>;
  readonly releaseStream: ReleaseLock;
  close(): void;
}

interface FollowedRun extends ChatPlace {
  readonly view: RunView;
  readonly signal: AbortSignal;
}

async function* sendShared(
  options: SharedRunsOptions,
  request: SendRequest,
): AsyncGenerator<SharedRunEvent, void, undefined> {
  const { projectId, chatId, signal = new AbortController().signal } = request;
  const connection = new AbortController();
  const releaseStream = await takeLock(options.tab.environment.locks, streamLocks);
  const close = (): void => {
    connection.abort();
    releaseStream?.();
  };
  const sent = { ...request, signal: AbortSignal.any([signal, connection.signal]) };
  const events = options.client.sendMessageStream(sent)[Symbol.asyncIterator]();
  try {
    const view = yield* untilFirstFrame(events);
    if (!view) return;
    // Without a stream of its own the send was a short request, and it is over now.
    if (!releaseStream) close();
    const opened = releaseStream && { events, releaseStream, close };
    yield* followShared(options, { projectId, chatId, view, signal }, opened);
  } finally {
    close();
    await events.return?.();
  }
}

/** The view after the first frame; null when the iteration ended before it. */
async function* untilFirstFrame(
  events: AsyncIterator<ClientEvent>,
): AsyncGenerator<ClientEvent, RunView | null, undefined> {
  for (;;) {
    const next = await events.next();
    if (next.done) return null;
    yield next.value;
    if (next.value.type === 'frame') return next.value.view;
  }
}

/** Follows while the tab is seen, from its own view every time, until the run has ended or is out of reach. */
async function* followShared(
  options: SharedRunsOptions,
  run: FollowedRun,
  opened: OpenedStream | null,
): AsyncGenerator<SharedRunEvent, void, undefined> {
  const { tab } = options;
  const { signal } = run;
  let { view } = run;
  for (let stream = opened; !isEnded(view) && !signal.aborted; stream = null) {
    if (!tab.isVisible()) {
      // Nobody sees the tab: what was opened goes back, and the run goes on without it.
      stream?.close();
      stream = null;
      await tab.until(tab.isVisible, signal);
    }
    const stretch = tab.during(tab.isVisible, signal);
    try {
      view = yield* watchShared(options, { ...run, view, signal: stretch.signal }, stream);
      if (!stretch.signal.aborted) return;
    } finally {
      stretch.end();
    }
  }
}

/** One stretch in which the tab is seen: takes part in the sharing, and holds the stream when it is this tab's turn. */
async function* watchShared(
  options: SharedRunsOptions,
  run: FollowedRun,
  opened: OpenedStream | null,
): AsyncGenerator<SharedRunEvent, RunView, undefined> {
  const { environment } = options.tab;
  const queue = new EventQueue<SharedRunEvent>();
  const channel = environment.locks ? environment.openChannel(runName(run.view.cursor.runId)) : null;
  const relay = new RunRelay(channel, run.view, (event) => queue.push(event));
  const turn = new AbortController();
  const signal = AbortSignal.any([run.signal, turn.signal]);
  signal.addEventListener('abort', () => {
    opened?.close();
    queue.end();
  });
  const holding = holdRun(options, { ...run, signal }, relay, opened).then(
    () => queue.end(),
    (error: unknown) => queue.fail(error),
  );
  try {
    for await (const event of queue) {
      yield event;
      if ('view' in event && isEnded(event.view)) break;
    }
    return relay.view;
  } finally {
    turn.abort();
    await holding;
    relay.close();
  }
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
  const taken = opened && (await takeLock(locks, names));
  // Another tab heard of the run first and holds its stream already: this one hears from there.
  if (!taken) opened?.close();
  const releaseRun = taken ?? (await waitForLock(locks, names, run.signal));
  if (!releaseRun) return;
  try {
    relay.hold();
    if (taken && opened) await readTo(relay, { [Symbol.asyncIterator]: () => opened.events }, run.signal);
    else await readWhenFree(options, run, relay);
  } finally {
    if (taken) opened?.close();
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
    // The tab before this one may have told the end while its locks went round.
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
