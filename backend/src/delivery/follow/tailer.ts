/**
 * Schedules when this process reads what others wrote: in rounds every 50 ms while one of its parts needs them, at once
 * when woken, otherwise never. A hint only makes the next round start earlier, so a lost hint costs nothing but time.
 */
import type { Clock } from '../../clock.ts';

/** A reader that takes part in each round. */
export interface TailedPart {
  /** True while rounds are needed. */
  readonly isNeeded: boolean;
  /** Reads what is new; true if there may be more already. */
  readRound(): Promise<boolean>;
}

/** Time between the starts of two rounds, in milliseconds, including the duration of the round. */
const roundMs = 50;
/** Shortest time between two rounds, however often it is woken. */
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
  /** Woken during a round, which may have read too early. */
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

  /** Reads as soon as possible: there is something new, or a part has started to need rounds. */
  wake(): void {
    if (this.#round) this.#isWokenAgain = true;
    else this.#planIn(0);
  }

  /** Starts no further round; resolves when none is running. */
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

  /** Resolves with when to start the next round. Never rejects. */
  async #readAll(): Promise<'at once' | 'in time' | 'retry'> {
    const needed = this.#parts.filter(({ isNeeded }) => isNeeded);
    const results = await Promise.allSettled(needed.map((part) => part.readRound()));
    const failed = results.find(({ status }) => status === 'rejected');
    // Logged once for a lasting failure: there are twenty rounds a second.
    if (failed?.status === 'rejected' && !this.#hasFailed)
      this.#logger.warn({ err: failed.reason }, 'what other processes wrote could not be read; trying again');
    this.#hasFailed = failed !== undefined;
    if (failed) return 'retry';
    return results.some((result) => result.status === 'fulfilled' && result.value) ? 'at once' : 'in time';
  }
}
