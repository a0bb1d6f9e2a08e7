/**
 * Makes the version of a picture that is uploaded: at most `maxSidePx` on its long side and encoded again, so that only
 * its pixels leave the browser: no coordinates, no time, no camera. Needs the browser's own decoder. An animated GIF
 * stays one; of any other animated picture the first frame is uploaded, and its name says so.
 * Invariant: a picture is decoded only when its header says that this takes bounded memory.
 */
import { maxFileBytes } from '@rill/protocol';
import { readGif } from './gif.ts';
import { isMoving, type PictureHeader, readPictureHeader } from './pictureHeader.ts';

/** Longest side of an uploaded picture, in pixels: no model uses more. */
export const maxSidePx = 2048;
/** Most pixels of a picture that is read: about 320 MB while it is decoded. */
export const maxReadPixels = 80_000_000;
const maxReadSidePx = 16_384;
/** No provider accepts a larger GIF; of it, one frame is uploaded. */
const maxGifBytes = 5 * 1024 * 1024;
/** Most bytes of a lossless picture; a larger one is encoded as a photo, unless it is transparent. */
const maxPngBytes = 1_500_000;
const quality = 0.9;

export type PictureRefusal = 'too-many-pixels' | 'unreadable';

export type PreparedPicture =
  | { readonly blob: Blob; readonly name: string }
  | { readonly refusal: PictureRefusal; readonly header: PictureHeader };

/** The refusal of a picture by its header alone; null when it may be decoded. */
export function refusalOf({ size }: PictureHeader): PictureRefusal | null {
  if (!size || size.width === 0 || size.height === 0) return 'unreadable';
  const { width, height } = size;
  const isTooLarge = Math.max(width, height) > maxReadSidePx || width * height > maxReadPixels;
  return isTooLarge ? 'too-many-pixels' : null;
}

/** The size to scale to; never larger than the original. */
export function scaledSize(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(1, maxSidePx / Math.max(width, height));
  const scaled = (side: number) => Math.max(1, Math.round(side * scale));
  return { width: scaled(width), height: scaled(height) };
}

/** Null for a file that is not a picture. `head`: its first bytes. */
export async function preparePicture(file: File, head: Uint8Array): Promise<PreparedPicture | null> {
  const header = readPictureHeader(head);
  if (!header) return null;
  const refusal = refusalOf(header);
  if (refusal) return { refusal, header };
  try {
    const gif =
      header.format === 'gif' && file.size <= maxFileBytes
        ? readGif(new Uint8Array(await file.arrayBuffer()))
        : null;
    if (gif && gif.frameCount > 1 && gif.bytes.length <= maxGifBytes && isSmall(header))
      return { blob: new Blob([gif.bytes], { type: 'image/gif' }), name: named(file.name, 'gif') };
    const isCut = gif ? gif.frameCount > 1 : header.format === 'gif' || isMoving(head);
    const blob = await encode(file, header);
    return { blob, name: nameFor(file.name, blob.type, isCut) };
  } catch {
    // The decoder says no more than this.
    return { refusal: 'unreadable', header };
  }
}

const isSmall = ({ size }: PictureHeader): boolean =>
  size !== null && Math.max(size.width, size.height) <= maxSidePx;

async function encode(file: Blob, { format }: PictureHeader): Promise<Blob> {
  const bitmap = await createImageBitmap(file);
  try {
    const canvas = document.createElement('canvas');
    // The bitmap is turned as its camera was held.
    const { width, height } = scaledSize(bitmap.width, bitmap.height);
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext('2d');
    if (!context) throw new Error('The browser has no canvas.');
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, 0, 0, width, height);
    if (format === 'jpeg' || format === 'heic') return await toBlob(canvas, 'image/jpeg');
    const png = await toBlob(canvas, 'image/png');
    if (png.size <= maxPngBytes || isTransparent(context, width, height)) return png;
    return await toBlob(canvas, 'image/jpeg');
  } finally {
    bitmap.close();
  }
}

function toBlob(canvas: HTMLCanvasElement, type: string): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const take = (blob: Blob | null) =>
      blob ? resolve(blob) : reject(new Error('The browser did not encode the picture.'));
    canvas.toBlob(take, type, quality);
  });
}

function isTransparent(context: CanvasRenderingContext2D, width: number, height: number): boolean {
  const { data } = context.getImageData(0, 0, width, height);
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return true;
  return false;
}

/** The name ends as its new format does. */
function nameFor(name: string, type: string, isFirstFrame: boolean): string {
  const ending = type === 'image/png' ? 'png' : 'jpg';
  return isFirstFrame ? `${stem(name)} (first frame).${ending}` : named(name, ending);
}

function named(name: string, ending: 'png' | 'jpg' | 'gif'): string {
  const isRight = ending === 'jpg' ? /\.jpe?g$/i.test(name) : name.toLowerCase().endsWith(`.${ending}`);
  return isRight ? name : `${stem(name)}.${ending}`;
}

const stem = (name: string): string => name.replace(/\.[^.]{1,5}$/, '');
