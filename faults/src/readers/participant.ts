/** Plays one message of a round and all readers of its answer, through every fault of server and network. */
import { setTimeout } from 'node:timers/promises';
import { createRillClient } from '@rill/client/source';
import { type Cursor, formatCursor } from '@rill/protocol';
import type { SeededRandom } from '../seededRandom.ts';
import type { PlannedAnswer } from './answers.ts';
import { readRawStream } from './rawStream.ts';
import { ShownText } from './shownText.ts';

export interface RoundContext {
  /** The server's origin as readers reach it. */
  readonly readerUrl: string;
  /** Aborts when the round takes too long. */
  readonly signal: AbortSignal;
  /** Called with the position of each frame that any reader was shown. */
  readonly onFrame: (cursor: Cursor) => void;
  /** Resolves when the fault of the round is over: readers who left or stopped reading then come back. */
  readonly faultIsOver: Promise<void>;
}

/** How one reader behaves. `atFrame` counts the frames that it was shown. */
type Habit = { readonly kind: 'stays' } | { readonly kind: 'leaves' | 'stalls'; readonly atFrame: number };

export interface Participant {
  readonly projectId: string;
  readonly chatId: string;
  readonly model: string;
  readonly key: string;
  readonly answer: PlannedAnswer;
  readonly usesClient: boolean;
  /** True for a second sender with the same key, at the same time. */
  readonly isDoubled: boolean;
  readonly habit: Habit;
  /** Number of frames after which it is cancelled; null: never. */
  readonly cancelAtFrame: number | null;
  readonly readers: ShownText[];
  readonly runIds: Set<string>;
  /**
   * When a cancel was requested and when it was acknowledged, in milliseconds since the Unix epoch; null before that.
   */
  cancel: { readonly askedAtMs: number; readonly answeredAtMs: number } | null;
  /** Violations that a reader or sender met. */
  readonly problems: string[];
}

export function planParticipant(
  random: SeededRandom,
  plan: Pick<Participant, 'projectId' | 'chatId' | 'model' | 'key' | 'answer'>,
): Participant {
  const atFrame = random.integer(1, 6);
  const chance = random.fraction();
  return {
    ...plan,
    usesClient: random.isLikely(0.3),
    isDoubled: random.isLikely(0.2),
    habit: chance < 0.6 ? { kind: 'stays' } : { kind: chance < 0.8 ? 'leaves' : 'stalls', atFrame },
    cancelAtFrame: random.isLikely(0.1) ? random.integer(1, 8) : null,
    cancel: null,
    readers: [],
    runIds: new Set(),
    problems: [],
  };
}

/** Sends and reads to the end. Never rejects: violations are in `problems`. */
export async function playParticipant(context: RoundContext, participant: Participant): Promise<void> {
  const senders = participant.isDoubled ? 2 : 1;
  const parts = Array.from({ length: senders }, (_, index) => {
    const shown = new ShownText();
    participant.readers.push(shown);
    return index === 0 && participant.usesClient
      ? readWithClient(context, participant, shown)
      : readRaw(context, participant, shown, index === 0 ? participant.habit : { kind: 'stays' });
  });
  await Promise.all(parts);
  if (context.signal.aborted) participant.problems.push('a reader had no end when the round was given up');
}

const pathOf = ({ projectId, chatId }: Participant) => `/api/projects/${projectId}/chats/${chatId}`;

async function readRaw(
  context: RoundContext,
  participant: Participant,
  shown: ShownText,
  habit: Habit,
): Promise<void> {
  let runId: string | null = null;
  let hasActed = false;
  for (let attempt = 0; shown.terminalCount === 0 && !context.signal.aborted; attempt += 1) {
    // A test tool may wait by the clock, as a real client does.
    if (attempt > 0)
      await setTimeout(Math.min(200, 20 * attempt), undefined, { signal: context.signal }).catch(
        () => undefined,
      );
    const end = await readRawStream({
      url: `${context.readerUrl}${pathOf(participant)}/messages/stream`,
      ...requestOf(participant, runId, shown),
      signal: context.signal,
      onFrame(frame, stream) {
        shown.take(frame);
        participant.runIds.add(frame.cursor.runId);
        runId = frame.cursor.runId;
        context.onFrame(frame.cursor);
        cancelWhenDue(context, participant, shown);
        if (hasActed || habit.kind === 'stays' || shown.positions.length < habit.atFrame) return;
        hasActed = true;
        if (habit.kind === 'leaves') stream.destroy();
        else {
          stream.pause();
          void context.faultIsOver.then(stream.resume);
        }
      },
    });
    if (typeof end.headers['rill-run'] === 'string') {
      runId = end.headers['rill-run'];
      participant.runIds.add(runId);
    }
    if (hasActed && habit.kind === 'leaves' && shown.terminalCount === 0) await context.faultIsOver;
    const problem = refusalOf(end.status, end.text);
    if (problem && shown.terminalCount === 0) {
      participant.problems.push(problem);
      return;
    }
  }
}

function requestOf({ key, model, answer }: Participant, runId: string | null, shown: ShownText) {
  if (runId !== null) {
    return { method: 'GET' as const, headers: { 'last-event-id': shown.lastId ?? `${runId}.0.0.0` } };
  }
  const content = `Say ${answer.content.length} characters.`;
  return { method: 'POST' as const, headers: { 'idempotency-key': key }, body: { content, model } };
}

/** Null for a temporary state: a stream, no response, or a server that starts, stops, cannot write or is busy. */
function refusalOf(status: number | null, text: string): string | null {
  if (status === null || status === 200 || status >= 500) return null;
  // The allowed number of answers is being written: it is sent again.
  if (status === 429 && text.includes('too_many_runs')) return null;
  return `a reader was refused with ${status}: ${text.slice(0, 200)}`;
}

function cancelWhenDue(context: RoundContext, participant: Participant, shown: ShownText): void {
  if (participant.cancelAtFrame !== shown.positions.length || participant.readers[0] !== shown) return;
  const url = `${context.readerUrl}${pathOf(participant)}/cancel`;
  const askedAtMs = Date.now();
  void readRawStream({ url, method: 'POST', body: {}, signal: context.signal }).then(({ status }) => {
    if (status === 200 || status === 202) participant.cancel = { askedAtMs, answeredAtMs: Date.now() };
  });
}

async function readWithClient(
  context: RoundContext,
  participant: Participant,
  shown: ShownText,
): Promise<void> {
  const rill = createRillClient({ baseUrl: context.readerUrl, environment: null });
  const { projectId, chatId, key, model, answer, problems } = participant;
  try {
    const events = rill.sendMessageStream({
      projectId,
      chatId,
      model,
      content: `Say ${answer.content.length} characters.`,
      idempotencyKey: key,
      signal: context.signal,
    });
    for await (const event of events) {
      if (event.type !== 'frame') continue;
      const { view } = event;
      if (!view.content.startsWith(shown.content)) problems.push('the client took shown text back');
      shown.content = view.content;
      shown.reasoning = view.reasoning;
      shown.positions.push({
        id: formatCursor(view.cursor),
        contentLength: view.content.length,
        reasoningLength: view.reasoning.length,
      });
      participant.runIds.add(view.cursor.runId);
      if (view.status !== 'waiting' && view.status !== 'streaming') {
        shown.terminalCount += 1;
        shown.final = view.message;
      }
      context.onFrame(view.cursor);
      cancelWhenDue(context, participant, shown);
    }
  } catch (error) {
    // If a proxy or a crash prevents the first answer to a POST, the client gives up after a while; the key stays
    // valid.
    if (participant.runIds.size > 0) problems.push(`the client gave up: ${String(error)}`);
    else await readRaw(context, participant, shown, { kind: 'stays' });
  }
}
