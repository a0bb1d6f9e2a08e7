/**
 * A running answer to the figures that change while it runs, read four times a second.
 * Each reading costs the text that is new since the last one.
 */
import type { RunView } from '@rill/protocol';
import { TokenMeter } from './tokenMeter.ts';

const readEveryMs = 250;

export interface LiveClockOptions {
  readonly startedAtMs: number;
  readonly nowMs: () => number;
  readonly readView: () => RunView;
}

export class LiveClock {
  elapsedMs = $state(0);
  estimatedTokens = $state(0);
  /** Since the first text was seen; null before it. */
  textMs = $state<number | null>(null);
  /** Null when the reader came after the thinking was over. */
  reasoningMs = $state<number | null>(null);
  readonly #options: LiveClockOptions;
  readonly #contentMeter = new TokenMeter();
  readonly #reasoningMeter = new TokenMeter();
  /** Text that was there before this page watched must not count into its rate. */
  #firstTokens = 0;
  #firstTextAtMs: number | null = null;
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
    return () => clearInterval(timer);
  }

  /** Tokens of the text that was seen arriving. */
  get seenTokens(): number {
    return this.estimatedTokens - this.#firstTokens;
  }

  read(): void {
    const { content, reasoning } = this.#options.readView();
    const nowMs = this.#options.nowMs();
    this.elapsedMs = Math.max(0, nowMs - this.#options.startedAtMs);
    this.estimatedTokens = this.#contentMeter.estimate(content) + this.#reasoningMeter.estimate(reasoning);
    this.#readText(content + reasoning === '', nowMs);
    this.#readReasoning(content, reasoning, nowMs);
  }

  #readText(isWaiting: boolean, nowMs: number): void {
    if (isWaiting) {
      this.#hasSeenWaiting = true;
      return;
    }
    if (this.#firstTextAtMs === null) {
      this.#firstTextAtMs = nowMs;
      this.#firstTokens = this.#hasSeenWaiting ? 0 : this.estimatedTokens;
    }
    this.textMs = nowMs - this.#firstTextAtMs;
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
