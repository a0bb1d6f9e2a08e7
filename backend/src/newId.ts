/** Makes UUIDv7s. Random bytes are fetched in bulk: fetching them for one id at a time would be most of the cost. */
import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';
import type { Clock } from './clock.ts';

const bytesPerId = 16;
const idsPerFill = 256;

/** The ids of one process sort in the order in which they were made, whatever its clock does. */
export function createNewId(clock: Pick<Clock, 'nowMs'>): () => string {
  const bytes = new Uint8Array(bytesPerId * idsPerFill);
  const numbers = new DataView(bytes.buffer);
  const state = { position: bytes.length, timeMs: 0, seq: 0 };
  return () => {
    if (state.position === bytes.length) {
      randomFillSync(bytes);
      state.position = 0;
    }
    const random = bytes.subarray(state.position, state.position + bytesPerId);
    const nowMs = clock.nowMs();
    // Within a millisecond the ids count up from a random number, which leaves room for many.
    state.seq = nowMs > state.timeMs ? numbers.getUint32(state.position) >>> 1 : state.seq + 1;
    state.timeMs = Math.max(nowMs, state.timeMs);
    state.position += bytesPerId;
    return v7({ random, msecs: state.timeMs, seq: state.seq });
  };
}
