/** Checks that a resume from any position of a reader returns the rest of the answer, and its end once. */
import { setTimeout } from 'node:timers/promises';
import { readRawStream } from './rawStream.ts';
import { ShownText } from './shownText.ts';

/** Number of positions of each reader from which the answer is read again after the end. */
const resumedPositionCount = 3;
const limitMs = 30_000;
const pauseMs = 100;

export async function findResumeViolations(
  chatUrl: string,
  readers: readonly Pick<ShownText, 'positions' | 'final'>[],
): Promise<string[]> {
  const violations: string[] = [];
  for (const { positions, final } of readers) {
    if (!final) continue;
    const step = Math.max(1, Math.floor(positions.length / resumedPositionCount));
    for (const position of positions.filter((_, index) => index % step === 0)) {
      const { shown, status } = await resume(`${chatUrl}/messages/stream`, position.id);
      if (status === null || status >= 300) {
        violations.push(`a resume after ${position.id} had ${status ?? 'no response'}`);
        continue;
      }
      const isAtEnd = position.id === positions.at(-1)?.id;
      if (shown.content !== final.content.slice(position.contentLength)) {
        violations.push(`the text after ${position.id} is not what was missing`);
      }
      if (shown.terminalCount !== (isAtEnd ? 0 : 1)) {
        violations.push(`${shown.terminalCount} ends after ${position.id}`);
      }
    }
  }
  return violations;
}

/** Repeats the request as clients do, while there is no response or one that says to try again. */
async function resume(url: string, id: string): Promise<{ shown: ShownText; status: number | null }> {
  const signal = AbortSignal.timeout(limitMs);
  for (;;) {
    const shown = new ShownText();
    const { status } = await readRawStream({
      url,
      method: 'GET',
      headers: { 'last-event-id': id },
      signal,
      onFrame: (frame) => shown.take(frame),
    });
    if (signal.aborted || !isRepeated(status)) return { shown, status };
    await setTimeout(pauseMs);
  }
}

const isRepeated = (status: number | null): boolean =>
  status === null || status >= 500 || [408, 425, 429].includes(status);
