import { describe, expect, it } from 'vitest';
import { readGif } from './gif.ts';
import { gifOf } from './gifTestBench.ts';

describe('a GIF', () => {
  it.each([1, 2, 30])('of %i frames is copied as it is', (frameCount) => {
    const gif = gifOf(frameCount);
    expect(readGif(gif)).toEqual({ frameCount, bytes: gif });
  });

  it('leaves without its comments and what programs wrote into it', () => {
    expect(readGif(gifOf(2, { hasTexts: true }))).toEqual({ frameCount: 2, bytes: gifOf(2) });
  });

  it('that is cut anywhere is refused, and data after its end is dropped', () => {
    const gif = gifOf(2, { hasTexts: true });
    for (let length = 0; length < gif.length; length += 1)
      expect(readGif(gif.subarray(0, length))).toBeNull();
    expect(readGif(Uint8Array.from([...gifOf(2), 1, 2, 3]))?.bytes).toEqual(gifOf(2));
  });
});
