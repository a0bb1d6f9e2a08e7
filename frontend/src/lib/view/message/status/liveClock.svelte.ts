/**
 * Turns a running answer into the figures that change while it runs, read four times a second.
 * Each reading costs the text that is new since the last one.
 */
import type { RunView } from '@rill/protocol';
import { estimateTokenCount } from 'tokenx';
import type { FoundText } from '../../../chat/run/watchedRun.svelte.ts';
import { quietAfterMs, silenceCountedAfterMs } from './liveStatus.ts';
import { TokenMeter } from './tokenMeter.ts';

const readEveryMs = 250;
/** Updated exactly then, so that a silence is reported in time. */
const silencesMs = [quietAfterMs, silenceCountedAfterMs];

export interface LiveClockOptions {
  readonly startedAtMs: number;
  readonly nowMs: () => number;
  readonly readView: () => RunView;
  /**
   * How much text was there before this page saw any arrive, as it is after a reload: it counts into no rate. Null while
   * that text is still on its way.
   */
  readonly readFoundText?: () => FoundText | null;
}

export class LiveClock {
  elapsedMs = $state(0);
  estimatedTokens = $state(0);
  /** Time since the first text was seen; null before it. */
  textMs = $state<number | null>(null);
  /** Time since the last text; null before the first. */
  silentMs = $state<number | null>(null);
  /** Null when the reader arrived after the thinking. */
  reasoningMs = $state<number | null>(null);
  readonly #options: LiveClockOptions;
  readonly #contentMeter = new TokenMeter();
  readonly #reasoningMeter = new TokenMeter();
  /** Tokens of the text that preceded the first that was seen arriving. */
  #foundTokens = 0;
  /** When the first text was seen arriving. */
  #firstTextAtMs: number | null = null;
  #lastTextAtMs: number | null = null;
  #lastLength = 0;
  #silenceTimers: readonly ReturnType<typeof setTimeout>[] = [];
  #reasoningStartedAtMs: number | null = null;
  #hasSeenWaiting = false;
  #isThinkingOver = false;

  constructor(options: LiveClockOptions) {
    this.#options = options;
    this.read();
  }

  /** Reads now and then four times a second; returns what ends it. */
  start(): () => void {
    this.read();
    const timer = setInterval(() => this.read(), readEveryMs);
    return () => {
      clearInterval(timer);
      this.#endSilence();
    };
  }

  /** Text may have come: the silence is counted from now. */
  noteText(): void {
    if (!this.#noteLength(this.#options.nowMs())) return;
    this.silentMs = 0;
    this.#endSilence();
    this.#silenceTimers = silencesMs.map((silenceMs) => setTimeout(() => this.read(), silenceMs));
  }

  /** Tokens of the text that was seen arriving. */
  get seenTokens(): number {
    return this.estimatedTokens - this.#foundTokens;
  }

  read(): void {
    const { content, reasoning } = this.#options.readView();
    const nowMs = this.#options.nowMs();
    this.elapsedMs = Math.max(0, nowMs - this.#options.startedAtMs);
    this.estimatedTokens = this.#contentMeter.estimate(content) + this.#reasoningMeter.estimate(reasoning);
    this.#readText(content, reasoning, nowMs);
    this.#noteLength(nowMs);
    this.silentMs = this.#lastTextAtMs === null ? null : nowMs - this.#lastTextAtMs;
    this.#readReasoning(content, reasoning, nowMs);
  }

  #readText(content: string, reasoning: string, nowMs: number): void {
    if (content === '' && reasoning === '') {
      this.#hasSeenWaiting = true;
      return;
    }
    if (this.#firstTextAtMs === null) {
      const found = this.#readFoundText();
      if (found) this.#firstTextAtMs = nowMs;
      this.#foundTokens = found
        ? estimateTokenCount(content.slice(0, found.contentLength)) +
          estimateTokenCount(reasoning.slice(0, found.reasoningLength))
        : this.estimatedTokens;
    }
    this.textMs = this.#firstTextAtMs === null ? null : nowMs - this.#firstTextAtMs;
  }

  #readFoundText(): FoundText | null {
    const { readFoundText, readView } = this.#options;
    if (readFoundText) return readFoundText();
    const { content, reasoning } = readView();
    return this.#hasSeenWaiting
      ? { contentLength: 0, reasoningLength: 0 }
      : { contentLength: content.length, reasoningLength: reasoning.length };
  }

  /** True when something has arrived since the last check. */
  #noteLength(nowMs: number): boolean {
    const { content, reasoning, images, toolCalls } = this.#options.readView();
    const length = content.length + reasoning.length + images.length + toolCalls.length;
    if (length === this.#lastLength) return false;
    this.#lastLength = length;
    this.#lastTextAtMs = nowMs;
    return true;
  }

  #endSilence(): void {
    for (const timer of this.#silenceTimers) clearTimeout(timer);
    this.#silenceTimers = [];
  }

  #readReasoning(content: string, reasoning: string, nowMs: number): void {
    if (reasoning === '' || this.#isThinkingOver) return;
    const isFirstReading = this.#reasoningStartedAtMs === null;
    // Thinking that was under way already began, as far as one can tell, with the run.
    this.#reasoningStartedAtMs ??= this.#hasSeenWaiting ? nowMs : this.#options.startedAtMs;
    this.#isThinkingOver = content !== '';
    if (this.#isThinkingOver && isFirstReading) return;
    this.reasoningMs = nowMs - this.#reasoningStartedAtMs;
  }
}
