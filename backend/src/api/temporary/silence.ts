/** Ends a flow between two streams in which nothing moves for too long. */
import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../../clock.ts';

export interface WatchedFlow {
  readonly clock: Clock;
  readonly limitMs: number;
  readonly from: Readable;
  readonly to: Writable;
  /** Asked when the time is over: true while it is the other side that is waited for. */
  readonly isExcused: () => boolean;
  readonly end: () => void;
}

/** Call before `from` is piped to `to`. The returned function ends the watch; after it nothing is called. */
export function onSilence({ clock, limitMs, from, to, isExcused, end }: WatchedFlow): () => void {
  let cancelTimer: () => void = () => undefined;
  const wait = () => {
    cancelTimer();
    cancelTimer = clock.schedule(limitMs, () => (isExcused() ? wait() : end()));
  };
  wait();
  from.on('data', wait);
  to.on('drain', wait);
  return () => {
    cancelTimer();
    from.off('data', wait);
    to.off('drain', wait);
  };
}
