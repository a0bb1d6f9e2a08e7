/**
 * Sets up what most tests of the follower need: the ids of a chat, a client on a scripted server, a way to read to the
 * end.
 */
import { emptyRunView, foldFrame, type RunFrame, type RunView } from '@rill/protocol';
import { buildLog, type Step } from '@rill/protocol/conformance/referenceRun.ts';
import { sampleIds } from '@rill/protocol/conformance/sampleEntities.ts';
import { type ClientEvent, createRillClient, type RillClient, type RillClientOptions } from '../src/index.ts';
import { InstantClock } from './clientClocks.ts';
import type { ScriptedServer } from './scriptedServer.ts';

export const { runId } = sampleIds;
export const chatIds = { projectId: sampleIds.projectId, chatId: sampleIds.chatId };

export const steps: readonly Step[] = [
  { kind: 'reasoning', text: 'Hm, ' },
  { kind: 'reasoning', text: 'é…' },
  { kind: 'chunk', text: 'Hello ' },
  { kind: 'annotation', annotations: [{ url: 'https://example.org', title: 'Example' }] },
  { kind: 'chunk', text: '😀 world' },
  { kind: 'chunk', text: '\n\n!' },
];
export const log: readonly RunFrame[] = buildLog(steps);

export function viewOf(frames: readonly RunFrame[]): RunView {
  return frames.reduce(foldFrame, emptyRunView(runId));
}

/** A client whose retries are due at once, unless the options say otherwise. */
export function clientOf(server: ScriptedServer, options: RillClientOptions = {}): RillClient {
  return createRillClient({
    baseUrl: server.baseUrl,
    clock: new InstantClock(),
    random: () => 0,
    environment: null,
    ...options,
  });
}

export interface Read {
  readonly events: readonly ClientEvent[];
  /** The last view; null when no frame came. */
  readonly view: RunView | null;
}

/** Reads to the end. Errors: whatever the iteration throws. */
export async function readAll(iterable: AsyncIterable<ClientEvent>): Promise<Read> {
  const events: ClientEvent[] = [];
  for await (const event of iterable) events.push(event);
  return { events, view: lastView(events) };
}

function lastView(events: readonly ClientEvent[]): RunView | null {
  const frame = events.findLast((event) => event.type === 'frame');
  return frame?.type === 'frame' ? frame.view : null;
}

/** The connection states of some events, such as `connecting 0`. */
export function statesOf(events: readonly ClientEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'connection' ? [`${event.state} ${event.attempt}`] : []));
}

/** Takes events until one fits and returns it. */
export async function takeUntil(
  iterator: AsyncIterator<ClientEvent>,
  fits: (event: ClientEvent) => boolean,
): Promise<ClientEvent> {
  for (;;) {
    const next = await iterator.next();
    if (next.done) throw new Error('The iteration ended first.');
    if (fits(next.value)) return next.value;
  }
}

/** The requests so far: the verb, and the cursor or the key that came with it. */
export function linesOf(server: ScriptedServer): string[] {
  return server.requests.map(
    ({ method, headers }) => `${method} ${headers['last-event-id'] ?? headers['idempotency-key'] ?? ''}`,
  );
}
