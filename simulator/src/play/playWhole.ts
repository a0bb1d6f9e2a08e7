/**
 * Plays the same steps for a call that does not stream: waits as long, then sends one JSON body.
 * A step that is only meaningful on a stream (`comment`, `sources`, `images`, `raw`, `chunk`) is left out.
 */

import type { ResponseSink } from '../exchange/responseSink.ts';
import type { ScriptStep, StreamAnswer } from '../script.ts';
import type { WholeAnswer } from '../wire/completionWire.ts';
import { errorAnswer } from '../wire/errorAnswers.ts';
import { splitDeltas } from '../wire/splitDeltas.ts';
import type { Playback } from './playback.ts';

/** Sends the whole answer. Rejects with an AbortError when the client goes away. */
export async function playWhole(answer: StreamAnswer, sink: ResponseSink, playback: Playback): Promise<void> {
  if (answer.holdHead !== undefined) await playback.hold(answer.holdHead, sink.signal);
  const texts = { content: '', reasoning: '' };
  for (const step of answer.steps) {
    if (isClosing(step)) return close(step, texts, answer, sink, playback);
    await collect(step, texts, sink.signal, playback);
  }
}

type Texts = Record<'content' | 'reasoning', string>;
type ClosingStep = Extract<
  ScriptStep,
  { finish: string } | { error: object } | { reset: true } | { end: true }
>;

function isClosing(step: ScriptStep): step is ClosingStep {
  return 'finish' in step || 'error' in step || 'reset' in step || 'end' in step;
}

async function collect(
  step: Exclude<ScriptStep, ClosingStep>,
  texts: Texts,
  signal: AbortSignal,
  playback: Playback,
): Promise<void> {
  if ('waitMs' in step) return playback.clock.wait(step.waitMs, signal);
  if ('hold' in step) return playback.hold(step.hold, signal);
  if ('delta' in step) return add(texts, 'content', step.delta, 1, playback);
  if ('reasoning' in step) return add(texts, 'reasoning', step.reasoning, 1, playback);
  if (!('text' in step)) return;
  const tokens = splitDeltas(step.text).length;
  const tokensPerSecond = step.tokensPerSecond ?? playback.tokensPerSecond;
  if (tokensPerSecond > 0) await playback.clock.wait((tokens * 1000) / tokensPerSecond, signal);
  add(texts, step.as ?? 'content', step.text, tokens, playback);
}

function add(texts: Texts, kind: keyof Texts, text: string, tokens: number, playback: Playback): void {
  texts[kind] += text;
  playback.countDeltas(tokens, kind);
}

function close(
  step: ClosingStep,
  texts: Texts,
  answer: StreamAnswer,
  sink: ResponseSink,
  playback: Playback,
): void {
  if ('error' in step) {
    const { code, message, metadata } = playback.leak.error(step.error);
    playback.finish({ finish: 'error' });
    const status = typeof code === 'number' && code >= 400 && code <= 599 ? code : 502;
    sink.answer(errorAnswer(status, message, metadata === undefined ? {} : { metadata }));
  } else if ('finish' in step) {
    const { wire, accounting } = playback.finish(step);
    const refusal = step.refusal === undefined ? {} : { refusal: step.refusal };
    const whole: WholeAnswer = { ...accounting, ...texts, ...refusal };
    const headers = { ...wire.headers(), ...answer.headers };
    sink.answer({ status: 200, headers, body: { ...wire.whole(whole) } });
  } else {
    // A call that does not stream cannot return half an answer: both ways of breaking off lose the body.
    playback.settleAsCut();
    sink.reset();
  }
}
