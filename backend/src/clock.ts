/**
 * Reads the time and starts timers; nothing else in the backend does. The clock is passed in, so that tests can replace
 * it. The wall clock is only for times that are stored and shown: it may be changed at any moment, so durations use the
 * monotonic clock.
 */
import { readFileSync } from 'node:fs';

/** What a database said that its time is, in milliseconds since the Unix epoch; asked and answered by `elapsedMs`. */
export interface TimeReading {
  readonly askedMs: number;
  readonly answeredMs: number;
  readonly sharedMs: number;
}

export interface Clock {
  /** Milliseconds since the Unix epoch: a time to show, never a duration. */
  nowMs(): number;
  /** Milliseconds of a monotonic clock that all processes share until the machine is booted again. */
  elapsedMs(): number;
  /** Identifies the boot that `elapsedMs` counts from; '' where the system has no such id. */
  readonly elapsedOrigin: string;
  /** Calls back once after `delayMs`; the returned function cancels it and may be called at any time. */
  schedule(delayMs: number, callback: () => void): () => void;
  /** `nowMs` is the time of a database from now on, which several machines share. */
  follow?(reading: TimeReading): void;
}

/** Turns process time into machine time: `process.hrtime` counts from the boot, but `performance.now` is faster. */
const bootOffsetMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  elapsedMs: () => performance.now() + bootOffsetMs,
  elapsedOrigin: readBootId(),
  schedule(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Resolves when `work` has resolved or rejected, or after `limitMs`. Leaves no timer and never rejects. */
export function settleWithin(clock: Clock, limitMs: number, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const cancelTimer = clock.schedule(limitMs, resolve);
    const settle = () => {
      cancelTimer();
      resolve();
    };
    void work.then(settle, settle);
  });
}

/** Resolves after `delayMs`, or as soon as `until` is aborted. Leaves no timer and no listener. */
export function pause(clock: Clock, delayMs: number, until: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      cancelTimer();
      until.removeEventListener('abort', end);
      resolve();
    };
    const cancelTimer = clock.schedule(delayMs, end);
    until.addEventListener('abort', end, { once: true });
    if (until.aborted) end();
  });
}

export interface HourlyWork {
  readonly clock: Clock;
  readonly logger: { warn(fields: object, message: string): void };
  /** Logged when the work fails; it is repeated an hour later. */
  readonly failure: string;
  /** Called each hour: true if this process, of several, does the work. Default: always true. */
  readonly isOurs?: (() => boolean) | undefined;
  /** Ends early once `state.isStopped`. */
  readonly work: (state: { readonly isStopped: boolean }) => Promise<void>;
}

/**
 * Runs `work` every hour, for the first time one hour after the start. The returned function stops this and resolves
 * once no work is running.
 */
export function startHourly({ clock, logger, failure, isOurs, work }: HourlyWork): () => Promise<void> {
  const state = { isStopped: false };
  let current: Promise<void> = Promise.resolve();
  let cancelTimer: () => void = () => undefined;
  const plan = (): void => {
    cancelTimer = clock.schedule(60 * 60_000, () => {
      current = (isOurs?.() === false ? Promise.resolve() : work(state))
        .catch((error: unknown) => logger.warn({ err: error }, failure))
        .then(() => {
          if (!state.isStopped) plan();
        });
    });
  };
  plan();
  return () => {
    state.isStopped = true;
    cancelTimer();
    return current;
  };
}

function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // Only Linux has a boot id. Elsewhere, a duration that spans a reboot is measured too short.
    return '';
  }
}
