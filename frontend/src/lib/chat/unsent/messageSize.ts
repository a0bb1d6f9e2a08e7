/** Computes how much of the allowed size a text takes, counted as the server counts it. */
import { maxContentCharacters } from '@rill/protocol';

export interface MessageSize {
  readonly unit: 'bytes' | 'characters';
  readonly used: number;
  readonly limit: number;
  readonly isTooLarge: boolean;
}

/** No UTF-16 unit becomes more bytes of JSON: \u0000. */
const maxBytesPerUnit = 6;
/** From here on it is worth saying. */
const shownFrom = 0.8;

/** Null while the text is far from every limit. `maxBodyBytes` is the server's; absent when it is not known. */
export function messageSize(
  body: { readonly content: string; readonly model?: string },
  maxBodyBytes: number | undefined,
): MessageSize | null {
  const { length } = body.content;
  const sizes: MessageSize[] = [];
  if (maxBodyBytes !== undefined && length * maxBytesPerUnit > (maxBodyBytes * shownFrom) / 2) {
    const json = JSON.stringify(body);
    // A unit becomes at most three bytes of UTF-8; the bytes themselves are counted near the limit only.
    if (json.length * 3 > maxBodyBytes * shownFrom)
      sizes.push(sizeOf('bytes', new TextEncoder().encode(json).length, maxBodyBytes));
  }
  if (length > maxContentCharacters * shownFrom)
    sizes.push(sizeOf('characters', countCharacters(body.content), maxContentCharacters));
  const [fullest] = sizes.sort((one, other) => other.used / other.limit - one.used / one.limit);
  return fullest && fullest.used > fullest.limit * shownFrom ? fullest : null;
}

function sizeOf(unit: MessageSize['unit'], used: number, limit: number): MessageSize {
  return { unit, used, limit, isTooLarge: used > limit };
}

function countCharacters(content: string): number {
  const pairs = content.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0;
  return content.length - pairs;
}
