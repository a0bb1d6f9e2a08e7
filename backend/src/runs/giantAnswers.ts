/**
 * Limits work that needs a whole answer of megabytes in the heap to one such answer at a time. Its JSON is built in
 * buffers outside the heap.
 */
import type { WriteQueue } from '../database/writeQueue.ts';
import { giantLength } from '../delivery/terminalEvent.ts';

export interface Giants {
  /** The queue of giant answers. */
  readonly giants: WriteQueue;
}

/** `weight` is the size of an answer, in UTF-16 units or bytes. */
export const isGiant = (weight: number): boolean => weight >= giantLength;

/** Runs the work; for a giant answer, after the work on other giants. */
export function oneGiantAtATime<Result>(
  { giants }: Giants,
  weight: number,
  work: () => Promise<Result>,
): Promise<Result> {
  return isGiant(weight) ? giants.run(work) : work();
}
