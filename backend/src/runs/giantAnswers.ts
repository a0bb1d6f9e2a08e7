/**
 * Limits work that needs a whole answer of megabytes in the heap to one such answer at a time. Its JSON is built in
 * buffers outside the heap.
 */
import type { WriteQueue } from '../database/writeQueue.ts';
import { giantLength } from '../delivery/terminalEvent.ts';

export interface Giants {
  /** In which giant answers wait for each other. */
  readonly giants: WriteQueue;
}

/** `weight` is how large an answer is, in UTF-16 units or bytes. */
export const isGiant = (weight: number): boolean => weight >= giantLength;

/** Runs the work; if the answer is a giant, after the work of other giants. */
export function oneGiantAtATime<Result>(
  { giants }: Giants,
  weight: number,
  work: () => Promise<Result>,
): Promise<Result> {
  return isGiant(weight) ? giants.run(work) : work();
}
