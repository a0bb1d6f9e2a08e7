/**
 * Plays the steps of a stream answer onto a response, in order, one at a time.
 * After a closing step, or once the client is gone, nothing more is written.
 */

import type { ResponseSink } from '../exchange/responseSink.ts';
import type { ScriptStep, StreamAnswer } from '../script.ts';
import { splitDeltas } from '../wire/splitDeltas.ts';
import { paceDeltas } from './paceDeltas.ts';
import type { Playback } from './playback.ts';

/** Sends the head and then every step. Rejects with an AbortError when the client goes away. */
export async function playStream(
  answer: StreamAnswer,
  sink: ResponseSink,
  playback: Playback,
): Promise<void> {
  if (answer.holdHead !== undefined) await playback.hold(answer.holdHead, sink.signal);
  sink.head(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
    ...playback.wire.headers(),
    ...answer.headers,
  });
  for (const step of answer.steps) await playStep(step, sink, playback);
}

async function playStep(step: ScriptStep, sink: ResponseSink, playback: Playback): Promise<void> {
  if ('delta' in step) return playDeltas([step.delta], 'content', sink, playback);
  if ('reasoning' in step) return playDeltas([step.reasoning], 'reasoning', sink, playback);
  if ('text' in step) return playText(step, sink, playback);
  if ('comment' in step) return sink.write(`: ${step.comment}\n\n`);
  if ('sources' in step) return sink.write(frame(playback.wire.sources(step.sources)));
  if ('images' in step) return sink.write(frame(playback.wire.images(step.images)));
  if ('raw' in step) return sink.write(step.raw);
  if ('chunk' in step) return sink.write(frame(step.chunk));
  if ('waitMs' in step) return playback.clock.wait(step.waitMs, sink.signal);
  if ('hold' in step) return playback.hold(step.hold, sink.signal);
  if ('finish' in step) return playFinish(step, sink, playback);
  if ('error' in step) return playError(step, sink, playback);
  playback.settleAsCut();
  if ('reset' in step) sink.reset();
  else sink.end();
}

async function playText(
  step: Extract<ScriptStep, { text: string }>,
  sink: ResponseSink,
  playback: Playback,
): Promise<void> {
  const tokensPerSecond = step.tokensPerSecond ?? playback.tokensPerSecond;
  const groups = paceDeltas(splitDeltas(step.text), tokensPerSecond, playback.clock, sink.signal);
  for await (const group of groups) await playDeltas(group, step.as ?? 'content', sink, playback);
}

async function playDeltas(
  deltas: readonly string[],
  kind: 'content' | 'reasoning',
  sink: ResponseSink,
  playback: Playback,
): Promise<void> {
  const { wire } = playback;
  const write = kind === 'content' ? wire.content : wire.reasoning;
  const frames = deltas.map((delta) => frame(write(delta))).join('');
  sink.signal.throwIfAborted();
  playback.countDeltas(deltas.length, kind);
  await sink.write(frames);
}

async function playFinish(
  step: Extract<ScriptStep, { finish: string }>,
  sink: ResponseSink,
  playback: Playback,
): Promise<void> {
  const { wire, accounting } = playback.finish(step);
  const accountingChunk = step.usage === null ? undefined : wire.accounting(accounting);
  await sink.write(frame(wire.finish(accounting.finishReason, accounting.nativeFinishReason, step.refusal)));
  if (accountingChunk !== undefined) await sink.write(frame(accountingChunk));
  if (playback.hasDoneMarker) await sink.write('data: [DONE]\n\n');
  sink.end();
}

async function playError(
  step: Extract<ScriptStep, { error: object }>,
  sink: ResponseSink,
  playback: Playback,
): Promise<void> {
  playback.finish({ finish: 'error' });
  await sink.write(
    frame(playback.wire.error(playback.leak.error(step.error), step.choices ?? 'error-finish')),
  );
  sink.end();
}

function frame(json: object): string {
  return `data: ${JSON.stringify(json)}\n\n`;
}
