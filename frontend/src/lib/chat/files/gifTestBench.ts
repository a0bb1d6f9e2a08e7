/** Makes small GIFs for tests. */

const ascii = (text: string): number[] => [...text].map((character) => character.charCodeAt(0));
const u16 = (value: number): number[] => [value & 255, value >> 8];

export const gifComment = [0x21, 0xfe, 5, ...ascii('where'), 0];
const location = [0x21, 0xff, 11, ...ascii('XMP DataXMP'), 3, ...ascii('gps'), 0];
const loop = [0x21, 0xff, 11, ...ascii('NETSCAPE2.0'), 3, 1, 0, 0, 0];
const frame = [0x21, 0xf9, 4, 0, 10, 0, 0, 0, 0x2c, ...[0, 0, 0, 0, 1, 0, 1, 0, 0], 2, 2, 0x44, 1, 0];

/** One pixel in each frame. `width`: what it says to have. */
export function gifOf(frameCount: number, { width = 1, hasTexts = false } = {}): Uint8Array<ArrayBuffer> {
  const head = [...ascii('GIF89a'), ...u16(width), ...u16(1), 0x80, 0, 0, 0, 0, 0, 255, 255, 255];
  const frames = Array.from({ length: frameCount }, () => frame).flat();
  return Uint8Array.from([
    ...head,
    ...loop,
    ...(hasTexts ? [...gifComment, ...location] : []),
    ...frames,
    0x3b,
  ]);
}
