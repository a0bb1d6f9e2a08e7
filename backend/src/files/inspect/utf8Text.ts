/** Reads bytes as text, which must be UTF-8 without control characters. A model gets exactly these bytes. */
import { RillError } from '@rill/protocol';

/** Longest text file, in bytes: more than any model reads. */
export const maxTextBytes = 16 * 1024 * 1024;

/** Tabs, line ends, form feeds and the escape of terminal colours stand in text files; the others do not. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const controls = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f\u007f]/;

/** Errors: file_refused. */
export function readUtf8(bytes: Buffer): string {
  if (bytes.byteLength > maxTextBytes)
    throw new RillError('file_refused', { message: 'This text is longer than any model can read.' });
  const text = decode(bytes);
  if (text === null || controls.test(text)) throw new RillError('file_refused', { message: unknownKind });
  return text;
}

const unknownKind =
  'Rill reads pictures (PNG, JPEG, WebP, GIF), PDFs, and text in UTF-8. This file is none of them.';

function decode(bytes: Buffer): string | null {
  try {
    // A byte order mark is part of what the model gets.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Bytes that are not UTF-8 are expected here.
    return null;
  }
}
