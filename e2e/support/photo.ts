/** Makes a photo as a phone does: large, turned by its orientation, and with the coordinates at which it was taken. */
import type { Page } from '@playwright/test';

/** Words in the data of the photo that reveal where it was taken. */
export const photoCoordinates = 'GPS 52 31 N 13 24 E';

/** Makes a photo that is shown as `width` by `height`; it is stored on its side. */
export async function makePhoto(page: Page, width: number, height: number): Promise<Buffer> {
  const base64 = await page.evaluate(
    async ([canvasWidth = 1, canvasHeight = 1]) => {
      const canvas = new OffscreenCanvas(canvasWidth, canvasHeight);
      const context = canvas.getContext('2d');
      if (!context) throw new Error('no canvas');
      context.fillStyle = '#258';
      context.fillRect(0, 0, canvasWidth, canvasHeight);
      const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.8 });
      const bytes = new Uint8Array(await blob.arrayBuffer());
      return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
    },
    [height, width],
  );
  const jpeg = Buffer.from(base64, 'base64');
  const data = exif();
  const length = Buffer.alloc(2);
  length.writeUInt16BE(data.length + 2);
  return Buffer.concat([jpeg.subarray(0, 2), Buffer.from([0xff, 0xe1]), length, data, jpeg.subarray(2)]);
}

/** Two entries: the orientation (6: turned by a quarter), and where the GPS data is. */
function exif(): Buffer {
  const tiff = Buffer.alloc(8 + 2 + 2 * 12 + 4);
  tiff.write('MM\0*', 0, 'latin1');
  tiff.writeUInt32BE(8, 4);
  tiff.writeUInt16BE(2, 8);
  tiff.writeUInt16BE(0x0112, 10);
  tiff.writeUInt16BE(3, 12);
  tiff.writeUInt32BE(1, 14);
  tiff.writeUInt16BE(6, 18);
  tiff.writeUInt16BE(0x8825, 22);
  tiff.writeUInt16BE(4, 24);
  tiff.writeUInt32BE(1, 26);
  tiff.writeUInt32BE(tiff.length, 30);
  return Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff, Buffer.from(photoCoordinates, 'latin1')]);
}
