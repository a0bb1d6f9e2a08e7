/**
 * Sets the rhythm in which this process reads what others wrote: a round every 50 ms while one of its parts needs that,
 * at once when it is woken, otherwise none. A hint only brings the next round forward, so a lost hint costs time and
 * nothing else.
 */
import type { Clock } from '../../clock.ts';

/** A reader that takes part in each round. */
export interface TailedPart {
  /** True while rounds are needed. */
  readonly isNeeded: boolean;
  /** Reads what is new; true when there may be more already. */
  readRound(): Promise<boolean>;
}

/** From the start of a round to that of the next, in milliseconds: what a round takes is no wait beside it. */
const roundMs = 50;
/** Shortest time between two, however often it is woken. */
const minRoundMs = 10;
/** Wait after a round that failed. */
const retryMs = 500;

export interface TailerOptions {
  readonly clock: Clock;
  readonly logger: { warn(fields: object, message: string): void };
}

export class Tailer {
  readonly #clock: Clock;
  readonly #logger: TailerOptions['logger'];
  readonly #parts: TailedPart[] = [];
  #cancelTimer: (() => void) | undefined;
  #dueMs = Number.POSITIVE_INFINITY;
  #lastRoundMs = Number.NEGATIVE_INFINITY;
  /** The round that is under way. */
  #round: Promise<void> | undefined;
  /** Woken during a round, whose look may have been too early. */
  #isWokenAgain = false;
  #hasFailed = false;
  #isClosed = false;

  constructor({ clock, logger }: TailerOptions) {
    this.#clock = clock;
    this.#logger = logger;
  }

  add(part: TailedPart): void {
    this.#parts.push(part);
  }

  /** Reads as soon as possible: something is new, or a part has begun to need rounds. */
  wake(): void {
    if (this.#round) this.#isWokenAgain = true;
    else this.#planIn(0);
  }

  /** No round begins after this; resolves when none is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer?.();
    await this.#round;
  }

  #planIn(delayMs: number, fromMs = this.#clock.elapsedMs()): void {
    if (this.#isClosed || !this.#parts.some(({ isNeeded }) => isNeeded)) return;
    const nowMs = this.#clock.elapsedMs();
    const dueMs = Math.max(fromMs + delayMs, nowMs, this.#lastRoundMs + minRoundMs);
    if (this.#dueMs <= dueMs) return;
    this.#cancelTimer?.();
    this.#dueMs = dueMs;
    this.#cancelTimer = this.#clock.schedule(dueMs - nowMs, () => this.#start());
  }

  #start(): void {
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.#lastRoundMs = this.#clock.elapsedMs();
    this.#isWokenAgain = false;
    this.#round = this.#readAll().then((next) => {
      this.#round = undefined;
      if (this.#isWokenAgain || next === 'at once') this.#planIn(0);
      else if (next === 'retry') this.#planIn(retryMs);
      else this.#planIn(roundMs, this.#lastRoundMs);
    });
  }

  /** Resolves with when the next round is to begin. Never rejects. */
  async #readAll(): Promise<'at once' | 'in time' | 'retry'> {
    const needed = this.#parts.filter(({ isNeeded }) => isNeeded);
    const results = await Promise.allSettled(needed.map((part) => part.readRound()));
    const failed = results.find(({ status }) => status === 'rejected');
    // Once for a failure that lasts: there are twenty rounds a second.
    if (failed?.status === 'rejected' && !this.#hasFailed)
      this.#logger.warn({ err: failed.reason }, 'what other processes wrote could not be read; trying again');
    this.#hasFailed = failed !== undefined;
    if (failed) return 'retry';
    return results.some((result) => result.status === 'fulfilled' && result.value) ? 'at once' : 'in time';
  }
}
