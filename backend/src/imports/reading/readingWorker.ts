/** Runs the worker thread of `readingThread.ts`: parses one conversation after another. */
import { parentPort } from 'node:worker_threads';
import { type ConversationReading, readConversation } from './readConversation.ts';
import type { NumberedReading, ReadingRequest } from './readingThread.ts';

parentPort?.on('message', ({ number, bytes, fallbackTimeMs, isCounted }: ReadingRequest) => {
  const reading = readSafely(bytes, fallbackTimeMs);
  const { messageCount, json } = 'problem' in reading ? { messageCount: 0, json: null } : reading;
  if (isCounted) parentPort?.postMessage({ number, messageCount } satisfies NumberedReading);
  else {
    const answer: NumberedReading = { number, messageCount, reading };
    parentPort?.postMessage(answer, json ? [json.buffer] : []);
  }
});

/** One conversation that the parser fails on costs only itself. */
function readSafely(bytes: Uint8Array, fallbackTimeMs: number): ConversationReading {
  try {
    return readConversation(bytes, fallbackTimeMs);
  } catch (error) {
    return { problem: `It could not be read (${error instanceof Error ? error.name : 'unknown error'}).` };
  }
}
