/** Holds what playing an answer needs besides the steps: wire, pace, counters, and a way to record the end. */

import type { Generation } from '../exchange/generation.ts';
import type { Holds } from '../exchange/holds.ts';
import type { RequestLog } from '../exchange/requestLog.ts';
import type { ScriptStep } from '../script.ts';
import type { Clock } from '../waitClock.ts';
import type { Accounting, CompletionWire } from '../wire/completionWire.ts';
import type { KeyLeak } from '../wire/errorAnswers.ts';
import { cachedTokens } from '../wire/tokenUsage.ts';

/** The parts a playback is made of. */
export interface PlaybackParts {
  wire: CompletionWire;
  generation: Generation;
  clock: Clock;
  nowMs: () => number;
  tokensPerSecond: number;
  hasDoneMarker: boolean;
  leak: KeyLeak;
  log: RequestLog;
  holds: Holds;
}

/** One answer being played; it keeps the generation's counts equal to what was written. */
export class Playback {
  readonly wire: CompletionWire;
  readonly clock: Clock;
  readonly tokensPerSecond: number;
  readonly hasDoneMarker: boolean;
  readonly leak: KeyLeak;
  readonly #parts: PlaybackParts;

  constructor(parts: PlaybackParts) {
    this.wire = parts.wire;
    this.clock = parts.clock;
    this.tokensPerSecond = parts.tokensPerSecond;
    this.hasDoneMarker = parts.hasDoneMarker;
    this.leak = parts.leak;
    this.#parts = parts;
  }

  /** Counts deltas about to be written; each stands for one token. */
  countDeltas(count: number, kind: 'content' | 'reasoning'): void {
    const { generation, log, nowMs } = this.#parts;
    generation.firstDeltaAtMs ??= nowMs();
    generation.counts[kind === 'content' ? 'contentTokens' : 'reasoningTokens'] += count;
    log.countDeltas(generation.request, count);
  }

  /** Records the end of the generation and returns what the last chunks report. */
  finish(step: Extract<ScriptStep, { finish: string }>): { wire: CompletionWire; accounting: Accounting } {
    const { generation, wire } = this.#parts;
    const nativeFinishReason = step.nativeFinishReason ?? step.finish;
    generation.finishReason = step.finish;
    generation.nativeFinishReason = nativeFinishReason;
    const { counts, price } = generation;
    counts.tools = step.tools;
    if (step.cache) counts.cache = cachedTokens(step.cache, counts.promptTokens);
    const accounting: Accounting = { finishReason: step.finish, nativeFinishReason, counts, price };
    return { wire, accounting: step.usage ? { ...accounting, usage: step.usage } : accounting };
  }

  /** Waits at a named gate. */
  hold(name: string, signal: AbortSignal): Promise<void> {
    return this.#parts.holds.pass(name, this.#parts.generation.request, signal);
  }

  /** Records that the simulator itself breaks the answer off. */
  settleAsCut(): void {
    this.#parts.log.settle(this.#parts.generation.request, 'cut');
  }
}
