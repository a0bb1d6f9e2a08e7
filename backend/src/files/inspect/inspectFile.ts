/**
 * Determines the type of a file from its bytes, and refuses types that no model accepts. The file's name and the
 * sender's type are ignored.
 */
import { type FileReference, RillError } from '@rill/protocol';
import { estimateTokens, tokensOfPicture } from '../../context/estimateTokens.ts';
import { isPdf, measurePdf } from './pdf.ts';
import { measurePicture, pictureTypeOf } from './pictures.ts';
import { readUtf8 } from './utf8Text.ts';

export type FileFacts = Pick<
  FileReference,
  'mediaType' | 'width' | 'height' | 'pageCount' | 'estimatedTokens'
>;

/** Errors: file_refused with a sentence that explains why. O(size). */
export function inspectFile(bytes: Buffer): FileFacts {
  if (bytes.byteLength === 0) throw new RillError('file_refused', { message: 'This file is empty.' });
  const pictureType = pictureTypeOf(bytes);
  if (pictureType !== null) {
    const { width, height } = measurePicture(bytes, pictureType);
    return {
      mediaType: pictureType,
      width,
      height,
      pageCount: null,
      estimatedTokens: tokensOfPicture(width, height),
    };
  }
  const none = { width: null, height: null, pageCount: null };
  if (isPdf(bytes)) return { ...none, mediaType: 'application/pdf', ...measurePdf(bytes) };
  const text = readUtf8(bytes);
  return { ...none, mediaType: 'text/plain', estimatedTokens: estimateTokens(text) };
}
