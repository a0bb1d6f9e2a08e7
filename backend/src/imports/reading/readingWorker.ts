/** Runs the worker thread of `readingThread.ts`: parses conversations in turn. */
import { parentPort } from 'node:worker_threads';
import type { ItemBytes } from './jsonItems.ts';
import {
  type ConversationReading,
  countMessages,
  readConversation,
  recogniseBytes,
} from './readConversation.ts';
import type { NumberedReading, ReadingRequest } from './readingThread.ts';

const answer = (reading: NumberedReading, transferred: readonly ArrayBuffer[] = []) =>
  parentPort?.postMessage(reading, [...transferred]);

parentPort?.on('message', ({ number, bytes, fallbackTimeMs, work }: ReadingRequest) => {
  if (work === 'recognise') return answer({ number, messageCount: 0, product: recogniseBytes(bytes) });
  if (work === 'count') return answer({ number, messageCount: countSafely(bytes) });
  const reading = readSafely(bytes, fallbackTimeMs);
  const { messageCount, chat } = 'problem' in reading ? { messageCount: 0, chat: null } : reading;
  const bytesOfChat = chat ? [...chat.parts, ...chat.contents] : [];
  return answer(
    { number, messageCount, reading },
    bytesOfChat.map(({ buffer }) => buffer),
  );
});

function countSafely(bytes: ItemBytes): number {
  try {
    return countMessages(bytes);
  } catch {
    // The one that the parser fails on is reported when it is stored.
    return 0;
  }
}

/** One conversation that the parser fails on costs only itself. */
function readSafely(bytes: ItemBytes, fallbackTimeMs: number): ConversationReading {
  try {
    return readConversation(bytes, fallbackTimeMs);
  } catch (error) {
    return { problem: `It could not be read (${error instanceof Error ? error.name : 'unknown error'}).` };
  }
}
