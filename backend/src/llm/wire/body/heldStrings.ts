/**
 * Cuts the long pictures out of a line of JSON before it is parsed, and puts them back into the parsed values. Only the
 * address of a picture in `images` or in a content part stays a `HeldText`; anywhere else it becomes a string again.
 */
import { randomUUID } from 'node:crypto';
import { isJsonObject, type JsonObject } from '@rill/protocol';
import { longLineBytes } from './heldBytes.ts';
import { HeldText } from './heldText.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
/** Always the start of a string: no letter follows a quote that ends one. */
const pictureStart = '"data:image';
const pictureUrl =
  /^\.choices\.(?:delta|message)\.(?:images(?:\.image_url)?(?:\.url)?|content(?:\.image_url(?:\.url)?|\.url))$/;
const quote = 0x22;
const backslash = 0x5c;
/** ASCII characters that a JSON string contains unescaped. */
const unplain = /[^ !#-[\]-~]/;
const checkedBytes = 64 * 1024;

export class HeldStrings {
  /** By what stands for them. */
  readonly #held = new Map<string, HeldText>();
  #mark: string | null = null;

  get isEmpty(): boolean {
    return this.#held.size === 0;
  }

  /** The text of a line, with a short placeholder for each long picture. */
  shorten(line: Uint8Array): string {
    const bytes = Buffer.from(line.buffer, line.byteOffset, line.byteLength);
    let [text, copied] = ['', 0];
    for (let at = bytes.indexOf(pictureStart); at >= 0; at = bytes.indexOf(pictureStart, at + 1)) {
      if (bytes[at - 1] === backslash) continue;
      const end = endOfString(bytes, at);
      const held = end - at > longLineBytes ? holdString(bytes.subarray(at + 1, end)) : null;
      if (!held) continue;
      text += decoder.decode(bytes.subarray(copied, at + 1)) + this.#hold(held);
      copied = end;
      at = end;
    }
    return text + decoder.decode(bytes.subarray(copied));
  }

  /** The value with its pictures put back. */
  restore(value: JsonObject): JsonObject {
    if (this.isEmpty) return value;
    const restored = this.#restoreValue(value, '');
    return isJsonObject(restored) ? restored : value;
  }

  /** As `restore`, for text that is not JSON. */
  restoreText(text: string): string {
    let restored = text;
    for (const [mark, held] of this.#held) restored = restored.replaceAll(mark, () => held.text());
    return restored;
  }

  /** Called once every value of the lines so far was read. */
  clear(): void {
    this.#held.clear();
  }

  #hold(held: HeldText): string {
    this.#mark ??= randomUUID();
    const mark = `held:${this.#mark}:${this.#held.size}:`;
    this.#held.set(mark, held);
    return mark;
  }

  #restoreValue(value: unknown, path: string): unknown {
    if (typeof value === 'string') {
      const held = this.#held.get(value);
      return held && !pictureUrl.test(path) ? held.text() : (held ?? value);
    }
    if (Array.isArray(value)) return value.map((entry) => this.#restoreValue(entry, path));
    if (!isJsonObject(value)) return value;
    const members = Object.entries(value);
    return Object.fromEntries(
      members.map(([name, member]) => [name, this.#restoreValue(member, `${path}.${name}`)]),
    );
  }
}

/** Index of the quote that ends the string which begins at `start`; -1 if there is none. */
function endOfString(bytes: Buffer, start: number): number {
  for (let end = bytes.indexOf(quote, start + 1); end >= 0; end = bytes.indexOf(quote, end + 1)) {
    let slashes = 0;
    while (bytes[end - 1 - slashes] === backslash) slashes += 1;
    if (slashes % 2 === 0) return end;
  }
  return -1;
}

/** The string without its escapes; null if it is not ASCII, or not valid in JSON. */
function holdString(raw: Buffer): HeldText | null {
  if (raw.includes(backslash)) return withoutEscapes(raw);
  for (let at = 0; at < raw.length; at += checkedBytes) {
    if (unplain.test(raw.toString('latin1', at, at + checkedBytes))) return null;
  }
  return new HeldText(raw);
}

/** Writes nothing until the whole text is known to be ASCII. */
function withoutEscapes(raw: Buffer): HeldText | null {
  let length = 0;
  for (const isChecked of [false, true]) {
    length = 0;
    for (let at = 0; at < raw.length; length += 1) {
      const { unit, size } = readUnit(raw, at);
      if (unit < 0 || unit > 0x7f) return null;
      if (isChecked) raw[length] = unit;
      at += size;
    }
  }
  return new HeldText(raw.subarray(0, length));
}

/** The character at `at`, and its length in bytes; -1 if it is not valid in a string. */
function readUnit(raw: Buffer, at: number): { readonly unit: number; readonly size: number } {
  const byte = raw[at] ?? 0;
  if (byte !== backslash) return { unit: byte < 0x20 ? -1 : byte, size: 1 };
  const name = String.fromCharCode(raw[at + 1] ?? 0);
  if (name !== 'u') return { unit: escapes.get(name) ?? -1, size: 2 };
  const digits = raw.toString('latin1', at + 2, at + 6);
  return { unit: /^[\da-f]{4}$/i.test(digits) ? Number.parseInt(digits, 16) : -1, size: 6 };
}

const escapes: ReadonlyMap<string, number> = new Map(
  Object.entries({ '"': 0x22, '\\': 0x5c, '/': 0x2f, b: 8, f: 12, n: 10, r: 13, t: 9 }),
);
