/** Checks that a resume from any position of a reader returns the rest of the answer, and its end once. */
import { readRawStream } from './rawStream.ts';
import { ShownText } from './shownText.ts';

/** Number of positions of each reader from which the answer is read again after the end. */
const resumedPositionCount = 3;
const limitMs = 30_000;

export async function findResumeViolations(
  chatUrl: string,
  readers: readonly Pick<ShownText, 'positions' | 'final'>[],
): Promise<string[]> {
  const violations: string[] = [];
  for (const { positions, final } of readers) {
    if (!final) continue;
    const step = Math.max(1, Math.floor(positions.length / resumedPositionCount));
    for (const position of positions.filter((_, index) => index % step === 0)) {
      const shown = new ShownText();
      await readRawStream({
        url: `${chatUrl}/messages/stream`,
        method: 'GET',
        headers: { 'last-event-id': position.id },
        signal: AbortSignal.timeout(limitMs),
        onFrame: (frame) => shown.take(frame),
      });
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
