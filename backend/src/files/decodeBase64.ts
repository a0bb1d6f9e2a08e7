/** Decodes base64 from slices cut anywhere. Strict: anything that is not base64 is an error, not skipped. */
import { RillError } from '@rill/protocol';

const blank = /[\t\n\f\r ]+/g;
const groups = /^[A-Za-z0-9+/]*$/;
const lastGroups = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * Yields the bytes. White space is ignored, and padding may be absent. A chunk may be overwritten when the next one is
 * requested. Errors: file_refused for text that is not base64.
 */
export function* decodeBase64(slices: Iterable<string>): Generator<Uint8Array> {
  let buffer = Buffer.alloc(0);
  let rest = '';
  for (const slice of slices) {
    const text = rest + slice.replace(blank, '');
    // A possible end of the text is held back: one whole group more than the last one.
    const end = Math.max(0, text.length - (text.length % 4) - 4);
    rest = text.slice(end);
    if (end === 0) continue;
    const whole = text.slice(0, end);
    if (!groups.test(whole)) throw notBase64();
    if (buffer.length < whole.length) buffer = Buffer.allocUnsafeSlow(whole.length);
    yield buffer.subarray(0, buffer.write(whole, 'base64'));
  }
  const isPadded = rest.includes('=');
  if (!lastGroups.test(rest) || rest.length % 4 === 1 || (isPadded && rest.length % 4 !== 0))
    throw notBase64();
  if (rest !== '') yield Buffer.from(rest, 'base64');
}

const notBase64 = () => new RillError('file_refused', { message: 'The picture is not valid base64.' });
