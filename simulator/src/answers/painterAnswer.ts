/**
 * demo/painter: draws circles in the colours of a sky, one per word of the message. The same message gives the same
 * PNG.
 */
import { crc32, deflateSync } from 'node:zlib';
import type { ScriptStep } from '../script.ts';
import { pickByText } from './pickByText.ts';

type Colour = readonly [red: number, green: number, blue: number];

const [width, height] = [384, 256];
const maxCircles = 12;
/** Colours of the upper half, the lower half, and the circles. */
const palettes: readonly (readonly [Colour, Colour, Colour])[] = [
  [
    [24, 32, 74],
    [236, 128, 96],
    [255, 214, 140],
  ],
  [
    [126, 190, 230],
    [240, 246, 250],
    [250, 180, 70],
  ],
  [
    [16, 20, 40],
    [60, 70, 130],
    [230, 235, 255],
  ],
  [
    [90, 150, 140],
    [232, 226, 190],
    [190, 80, 70],
  ],
];
const steps = Array.from({ length: 97 }, (_, index) => index);

export function painterAnswer(text: string): ScriptStep[] {
  const url = `data:image/png;base64,${drawPicture(text).toString('base64')}`;
  const images = [{ type: 'image_url', image_url: { url } }];
  return [{ comment: 'OPENROUTER PROCESSING' }, { images }, { finish: 'stop' }];
}

function drawPicture(text: string): Buffer {
  const [top, bottom, light] = pickByText(text, palettes) ?? [
    [0, 0, 0],
    [0, 0, 0],
    [255, 255, 255],
  ];
  const words = text
    .split(/\s+/)
    .filter((word) => word !== '')
    .slice(0, maxCircles);
  const circles = words.map((word, index) => {
    const [x, y, radius] = ['x', 'y', 'r'].map((axis) => pickByText(`${axis}${index}${word}`, steps) ?? 0);
    return { x: ((x ?? 0) / 96) * width, y: ((y ?? 0) / 96) * height, radius: 10 + (radius ?? 0) / 3 };
  });
  const rows = Array.from({ length: height }, (_, y) => {
    const share = y / (height - 1);
    const row = Buffer.alloc(1 + width * 3);
    for (let x = 0; x < width; x += 1) {
      const isLight = circles.some((circle) => Math.hypot(x - circle.x, y - circle.y) < circle.radius);
      const colour = isLight ? light : mixed(top, bottom, share);
      row.set(colour, 1 + x * 3);
    }
    return row;
  });
  return pngOf(Buffer.concat(rows));
}

const mixed = (from: Colour, to: Colour, share: number): number[] =>
  from.map((part, index) => Math.round(part + ((to[index] ?? 0) - part) * share));

/** 8 bits a channel, no filter. Source: the PNG specification, sections 5 and 11. */
function pngOf(rows: Buffer): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const parts = [chunkOf('IHDR', head), chunkOf('IDAT', deflateSync(rows)), chunkOf('IEND', Buffer.alloc(0))];
  return Buffer.concat([signature, ...parts]);
}

function chunkOf(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.byteLength);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
