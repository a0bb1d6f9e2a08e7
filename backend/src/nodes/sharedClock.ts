/**
 * Tells the time of the database that nodes share, so that what they store is in one order, whatever the wall clocks of
 * their machines say. Between two answers of the database it counts on by the monotonic clock. Without nodes it is the
 * clock of the machine.
 */
import type { Clock, TimeReading } from '../clock.ts';

export class SharedClock implements Clock {
  readonly #machine: Clock;
  /** From the monotonic clock to the time of the database, in milliseconds; null before the database was asked. */
  #offsetMs: number | null = null;
  readonly elapsedOrigin: string;
  readonly elapsedMs: Clock['elapsedMs'];
  readonly schedule: Clock['schedule'];

  constructor(machine: Clock) {
    this.#machine = machine;
    this.elapsedOrigin = machine.elapsedOrigin;
    this.elapsedMs = machine.elapsedMs;
    this.schedule = machine.schedule;
  }

  readonly nowMs = (): number =>
    this.#offsetMs === null ? this.#machine.nowMs() : Math.floor(this.elapsedMs() + this.#offsetMs);

  /**
   * The database was asked at some moment of the round trip, so only a range of offsets is possible. The known one is
   * changed no further than into that range: a slow round trip does not spoil what a fast one has found.
   */
  follow({ askedMs, answeredMs, sharedMs }: TimeReading): void {
    const [least, most] = [sharedMs - answeredMs, sharedMs - askedMs];
    this.#offsetMs =
      this.#offsetMs === null ? (least + most) / 2 : Math.min(most, Math.max(least, this.#offsetMs));
  }
}
