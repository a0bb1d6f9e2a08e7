import { expect, test } from 'vitest';
import { FrameScanner } from './frameScanner.ts';

const stream = Buffer.from(
  ': rill\nretry: 1000\n\nid: r.1.0.0\nevent: run-start\ndata: {}\n\nid: r.7.12.3\nevent: chunk\ndata: {"content":"é"}\n\n: heartbeat\n\nid: r.8.12.3\nevent: done\ndata: {}\n\n',
);

test('the scanner counts frames, not comments, and follows the cursor at every cut of the bytes', () => {
  for (let cut = 0; cut <= stream.length; cut += 1) {
    const scanner = new FrameScanner();
    scanner.push(stream.subarray(0, cut));
    scanner.push(stream.subarray(cut));
    expect([cut, scanner.frameCount, scanner.contentLength, scanner.isEnded]).toEqual([cut, 3, 12, true]);
  }
});

test('the scanner accepts bytes one at a time', () => {
  const scanner = new FrameScanner();
  for (const byte of stream) scanner.push(Buffer.from([byte]));
  expect([scanner.frameCount, scanner.contentLength, scanner.isEnded]).toEqual([3, 12, true]);
});

test('a frame counts only after its blank line', () => {
  const scanner = new FrameScanner();
  scanner.push(stream.subarray(0, -1));
  expect([scanner.frameCount, scanner.isEnded]).toEqual([2, false]);
});
