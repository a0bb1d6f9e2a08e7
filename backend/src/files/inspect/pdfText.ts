/**
 * Estimates how many tokens the text of a PDF has, from the number of letters that its pages draw and the scripts of its
 * fonts. Which letters they are takes a parser, and the service that gives the text to the model has one.
 */
import { InflateBudget } from './inflateBudget.ts';

/** Packed bytes that are looked at: of a larger file every second stream, or every third. It takes some 50 ms. */
const sampledBytes = 1024 * 1024;
const inflateLimits = { maxStreamBytes: 2 * 1024 * 1024, maxBytes: 8 * 1024 * 1024 };

/** Fewer letters than this on a page are its number or a stamp: the page is a picture. */
const lettersOfTextPage = 40;

/** Tokens of one letter, by the code point from which on: Latin and Greek, other alphabets, Han with Kana and Hangul. */
const tokensOfLatin = 0.25;
const tokensByScript = [
  [0x2e80, 1],
  [0x0400, 0.3],
  [0, tokensOfLatin],
] as const;

/**
 * `text` is the bytes as Latin-1. Null for pages that are pictures, or encrypted. Error against the text that was
 * printed: -12 % to +21 % (English, German, Japanese, code).
 */
export function tokensOfPdfText(bytes: Buffer, text: string, pageCount: number): number | null {
  if (/\/Encrypt\s{0,9}\d/.test(text)) return null;
  const streams = findStreams(text);
  const packedBytes = streams.reduce((sum, { start, end }) => sum + end - start, 0);
  const stride = Math.max(1, Math.ceil(packedBytes / sampledBytes));
  const budget = new InflateBudget(inflateLimits);
  let [letters, lookedAtBytes] = [0, 0];
  const scripts: ScriptTally = { mapped: 0, tokens: 0 };
  for (let index = 0; index < streams.length && !budget.isSpent; index += stride) {
    const stream = streams[index];
    if (!stream) break;
    const content = contentOf(bytes, stream, budget);
    lookedAtBytes += stream.end - stream.start;
    if (content.includes('begincmap')) addScripts(scripts, content);
    else if (/\bBT\b/.test(content)) letters += countLetters(content);
  }
  const allLetters = letters * (packedBytes / Math.max(1, lookedAtBytes));
  if (allLetters < pageCount * lettersOfTextPage) return null;
  return Math.ceil(allLetters * (scripts.mapped === 0 ? tokensOfLatin : scripts.tokens / scripts.mapped));
}

interface Stream {
  readonly start: number;
  readonly end: number;
  readonly isPacked: boolean;
}

const longestDictionary = 2000;
/** Streams that draw no text: pictures, fonts, colours, lists of objects, and what is packed in another way. */
const otherStream =
  /\/Subtype\s{0,9}\/(?:Image|Type1C|CIDFontType0C|OpenType|XML)|\/Type\s{0,9}\/(?:ObjStm|XRef)|\/Length1\b|\/FunctionType\b|\/Alternate\b|\/(?:DCT|JPX|CCITTFax|JBIG2|LZW|ASCII85|ASCIIHex|RunLength)Decode/;

function findStreams(text: string): Stream[] {
  const streams: Stream[] = [];
  const begin = /\bstream\r?\n/g;
  let last = 0;
  for (let found = begin.exec(text); found; found = begin.exec(text)) {
    const start = begin.lastIndex;
    const end = text.indexOf('endstream', start);
    if (end < 0) break;
    const before = text.slice(Math.max(last, found.index - longestDictionary), found.index);
    const dictionary = before.slice(before.lastIndexOf(' obj') + 1);
    if (!otherStream.test(dictionary))
      streams.push({ start, end, isPacked: dictionary.includes('/FlateDecode') });
    last = begin.lastIndex = end;
  }
  return streams;
}

function contentOf(bytes: Buffer, { start, end, isPacked }: Stream, budget: InflateBudget): string {
  if (isPacked) return budget.inflate(bytes.subarray(start, end));
  const content = bytes.subarray(start, Math.min(end, start + inflateLimits.maxStreamBytes));
  budget.spend(content.byteLength);
  return content.toString('latin1');
}

/** Texts that are drawn, and gaps between letters that are as wide as a space. */
const drawn = /\(((?:[^\\()]|\\[\s\S])*)\)|<([0-9A-Fa-f\s]+)>|(?<=[)>]\s?)-(?:[2-9]\d\d|\d{4,})\b/g;

function countLetters(content: string): number {
  let [letters, hexDigits, isWide] = [0, 0, true];
  for (const [, plain, hex] of content.matchAll(drawn)) {
    if (plain !== undefined) letters += lettersOfPlain(plain);
    else if (hex === undefined) letters += 1;
    else {
      const digits = hex.replace(/\s+/g, '').length;
      hexDigits += digits;
      isWide &&= digits % 4 === 0;
    }
  }
  return letters + hexDigits / (isWide ? 4 : 2);
}

/** Codes of two bytes have a first one that is no letter. */
function lettersOfPlain(plain: string): number {
  const codes = plain.replace(/\\(?:[0-7]{1,3}|\r\n|[\s\S])/g, (written) =>
    /\d/.test(written) ? String.fromCharCode(Number.parseInt(written.slice(1), 8) & 0xff) : written.slice(1),
  );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are bytes of codes
  return /^(?:[\u0000-\u001f][\s\S])+$/.test(codes) ? codes.length / 2 : codes.length;
}

interface ScriptTally {
  mapped: number;
  tokens: number;
}

/** What a font's codes mean: `<01> <0041>` for one, `<01> <20> <0041>` for a row of them. */
function addScripts(tally: ScriptTally, map: string): void {
  for (const [, rows = ''] of map.matchAll(/beginbfchar([^a-z]*)/g))
    for (const [, letter = ''] of rows.matchAll(/<\w{1,8}>\s{0,9}<(\w{4})/g)) addScript(tally, 1, letter);
  for (const [, rows = ''] of map.matchAll(/beginbfrange([^a-z]*)/g))
    for (const [, first = '', last = '', letter = ''] of rows.matchAll(
      /<(\w{1,8})>\s{0,9}<(\w{1,8})>\s{0,9}\[?\s{0,9}<(\w{4})/g,
    ))
      addScript(tally, Number.parseInt(last, 16) - Number.parseInt(first, 16) + 1, letter);
}

function addScript(tally: ScriptTally, count: number, letter: string): void {
  const codePoint = Number.parseInt(letter, 16);
  const tokens = tokensByScript.find(([from]) => codePoint >= from)?.[1];
  if (tokens === undefined || !(count > 0 && count <= 0xffff)) return;
  tally.mapped += count;
  tally.tokens += count * tokens;
}
