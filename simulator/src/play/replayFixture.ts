/** Plays a recorded case onto a response: same status, head, bytes, cuts between writes, and kind of end. */

import type { ResponseSink } from '../exchange/responseSink.ts';
import type { FixtureCase, FixtureTransport } from '../fixtureCases.ts';
import type { Clock } from '../waitClock.ts';

/** Longest pause between writes that is kept, in milliseconds: tests move the reader's clock themselves. */
const maxGapMs = 250;

export interface ReplayParts {
  readonly clock: Clock;
  /** Called just before the socket is broken off, where the case asks for it. */
  readonly onReset: () => void;
  /** Waits as long as the reader holds the socket, where the case asks for it. */
  readonly hold: () => Promise<void>;
}

/** Sends the case. */
export async function replayFixture(
  fixture: FixtureCase,
  sink: ResponseSink,
  { clock, onReset, hold }: ReplayParts,
): Promise<void> {
  const { http, transport, bytes } = fixture;
  sink.head(http.status, {
    ...(http.content_type !== null && { 'content-type': http.content_type }),
    ...http.headers,
  });
  for (const [index, segment] of cutSegments(bytes, transport).entries()) {
    if (index > 0) await clock.wait(Math.min(transport.gap_ms ?? 0, maxGapMs), sink.signal);
    await sink.write(segment);
  }
  if (transport.end === 'hold') await hold();
  if (transport.end !== 'reset') return sink.end();
  onReset();
  sink.reset();
}

/** Cuts the bytes as the transport says; joined, the segments are the bytes. */
export function cutSegments(bytes: Buffer, transport: FixtureTransport): Buffer[] {
  const offsets = cutOffsets(bytes, transport).filter((offset) => offset > 0 && offset < bytes.length);
  return [0, ...offsets].map((start, index) => bytes.subarray(start, offsets[index] ?? bytes.length));
}

function cutOffsets(bytes: Buffer, transport: FixtureTransport): number[] {
  if (transport.write === 'offsets') return transport.offsets ?? [];
  if (transport.write === 'events') return eventEnds(bytes);
  if (transport.write === 'whole') return [];
  const size = transport.size ?? 1;
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => index * size);
}

/** latin1 keeps one character per byte, so that match positions are byte offsets. */
function eventEnds(bytes: Buffer): number[] {
  const blankLine = /(?:\r\n|\r(?!\n)|\n){2}/g;
  return Array.from(bytes.toString('latin1').matchAll(blankLine), (match) => match.index + match[0].length);
}
