/**
 * Makes ids that sort in the order of their creation, even after a restart or when the wall clock was set back. An id
 * that would sort before the last one is replaced by the last one's successor.
 */
import { v7 } from 'uuid';

/** `lastId` is the greatest stored id; null in an empty database. */
export function growingIds(newId: () => string, lastId: string | null): () => string {
  const state = { lastId: lastId ?? '' };
  return () => {
    const id = newId();
    state.lastId = id > state.lastId ? id : v7({ msecs: timeOfMs(state.lastId) + 1 });
    return state.lastId;
  };
}

/** The first 48 bits of an id. */
const timeOfMs = (id: string): number => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
