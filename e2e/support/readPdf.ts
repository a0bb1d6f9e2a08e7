/**
 * Reads the text of a PDF that Chromium printed: each run of letters with its page, its start and end, and its colour.
 * Supports only what Chromium writes: classic objects, deflated streams, fonts with a table to Unicode.
 */
import { inflateSync } from 'node:zlib';

export interface PdfRun {
  readonly text: string;
  /** Counted from 1. */
  readonly page: number;
  /** From the left edge of the page, in points. */
  readonly startX: number;
  readonly endX: number;
  /** From the top edge of the page to the line on which the letters stand, in points. */
  readonly y: number;
  /** 0 is black, 1 is white. */
  readonly lightness: number;
}

export interface PdfText {
  readonly pages: readonly { readonly widthPt: number; readonly heightPt: number; readonly text: string }[];
  readonly runs: readonly PdfRun[];
  /** All pages, without white space: where a line is broken depends on fonts. */
  readonly letters: string;
}

interface PdfObject {
  readonly dictionary: string;
  readonly stream: Buffer | null;
}

type Matrix = readonly [number, number, number, number, number, number];

interface Font {
  readonly codeBytes: number;
  readonly unicode: ReadonlyMap<number, string>;
  /** In thousandths of the size. */
  readonly widths: ReadonlyMap<number, number>;
  readonly usualWidth: number;
}

const identity: Matrix = [1, 0, 0, 1, 0, 0];

/** `first` is applied first. */
const multiply = (first: Matrix, then: Matrix): Matrix => [
  first[0] * then[0] + first[1] * then[2],
  first[0] * then[1] + first[1] * then[3],
  first[2] * then[0] + first[3] * then[2],
  first[2] * then[1] + first[3] * then[3],
  first[4] * then[0] + first[5] * then[2] + then[4],
  first[4] * then[1] + first[5] * then[3] + then[5],
];

export function readPdf(bytes: Buffer): PdfText {
  const objects = readObjects(bytes);
  const fonts = new Map<number, Font>();
  const runs: PdfRun[] = [];
  const pages: PdfText['pages'][number][] = [];
  const root = [...objects.values()].find(({ dictionary }) => /\/Type\s*\/Catalog\b/.test(dictionary));
  for (const page of pagesOf(objects, reference(root?.dictionary ?? '', 'Pages'))) {
    const box = /\/MediaBox\s*\[\s*([-\d.]+)\s+([-\d.]+)\s+([-\d.]+)\s+([-\d.]+)/.exec(page);
    const [widthPt, heightPt] = [Number(box?.[3]), Number(box?.[4])];
    const first = runs.length;
    const reading = { objects, fonts, runs, page: pages.length + 1, heightPt };
    const content = objects.get(reference(page, 'Contents') ?? -1)?.stream;
    if (content) readContent(reading, content, page, { matrix: identity, lightness: 0 });
    pages.push({ widthPt, heightPt, text: textOf(runs.slice(first)) });
  }
  return { pages, runs, letters: withoutSpace(pages.map(({ text }) => text).join('')) };
}

export const withoutSpace = (text: string): string => text.replaceAll(/\s+/g, '');

/** Letters whose baselines are this close are on one line, in points. */
const lineApartPt = 2;

/**
 * Joins runs from top to bottom and from left to right, as a page is read: Chromium paints code after the text around
 * it.
 */
function textOf(runs: readonly PdfRun[]): string {
  const lines: PdfRun[][] = [];
  for (const run of runs.toSorted((one, other) => one.y - other.y)) {
    const line = lines.at(-1);
    if (line?.[0] && run.y - line[0].y <= lineApartPt) line.push(run);
    else lines.push([run]);
  }
  const inRow = (line: readonly PdfRun[]) => line.toSorted((one, other) => one.startX - other.startX);
  return lines
    .map((line) =>
      inRow(line)
        .map(({ text }) => text)
        .join(''),
    )
    .join('\n');
}

function readObjects(bytes: Buffer): Map<number, PdfObject> {
  const text = bytes.toString('latin1');
  const objects = new Map<number, PdfObject>();
  const begin = /(\d+) 0 obj\b/g;
  for (let found = begin.exec(text); found; found = begin.exec(text)) {
    const start = begin.lastIndex;
    const end = text.indexOf('endobj', start);
    const streamAt = text.indexOf('stream', start);
    const hasStream = streamAt >= 0 && streamAt < end;
    const dictionary = text.slice(start, hasStream ? streamAt : end);
    let stream: Buffer | null = null;
    if (hasStream) {
      const from = streamAt + 'stream'.length + (text[streamAt + 'stream'.length] === '\r' ? 2 : 1);
      const length = Number(/\/Length (\d+)/.exec(dictionary)?.[1]);
      const raw = bytes.subarray(from, from + length);
      stream = dictionary.includes('/FlateDecode') ? inflateSync(raw) : raw;
      begin.lastIndex = from + length;
    } else begin.lastIndex = end;
    objects.set(Number(found[1]), { dictionary, stream });
  }
  return objects;
}

const reference = (dictionary: string, key: string): number | null => {
  const found = new RegExp(`/${key}\\s+(?:\\[\\s*)?(\\d+) 0 R`).exec(dictionary);
  return found ? Number(found[1]) : null;
};

function* pagesOf(objects: ReadonlyMap<number, PdfObject>, id: number | null): Generator<string> {
  const dictionary = objects.get(id ?? -1)?.dictionary ?? '';
  if (/\/Type\s*\/Page\b/.test(dictionary)) yield dictionary;
  const kids = /\/Kids\s*\[([^\]]*)\]/.exec(dictionary)?.[1] ?? '';
  for (const [, kid] of kids.matchAll(/(\d+) 0 R/g)) yield* pagesOf(objects, Number(kid));
}

interface Reading {
  readonly objects: ReadonlyMap<number, PdfObject>;
  readonly fonts: Map<number, Font>;
  readonly runs: PdfRun[];
  readonly page: number;
  readonly heightPt: number;
}

interface DrawState {
  matrix: Matrix;
  lightness: number;
}

/** Names of a page's resources, and the objects to which they refer. */
function resource(objects: ReadonlyMap<number, PdfObject>, owner: string, kind: string, name: string) {
  const id = reference(owner, 'Resources');
  const resources = id === null ? owner : (objects.get(id)?.dictionary ?? '');
  const list = new RegExp(`/${kind}\\s*<<([^>]*)>>`).exec(resources)?.[1] ?? '';
  return reference(list, name);
}

function readContent(reading: Reading, content: Buffer, owner: string, start: DrawState): void {
  const { objects } = reading;
  const stack: DrawState[] = [];
  const state = { ...start };
  let operands: string[] = [];
  let [textMatrix, lineMatrix, sizePt, font] = [identity, identity, 0, null as Font | null];
  const numbers = (): number[] => operands.map(Number);
  const toMatrix = (): Matrix => {
    const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = numbers();
    return [a, b, c, d, e, f];
  };
  const show = (given: string): void => {
    if (!font) return;
    let [text, advance] = ['', 0];
    for (const [, hex, shift] of given.matchAll(/<([0-9A-Fa-f\s]*)>|(-?[\d.]+)/g)) {
      if (hex === undefined) {
        advance -= (Number(shift) / 1000) * sizePt;
        continue;
      }
      const digits = withoutSpace(hex);
      for (let at = 0; at < digits.length; at += font.codeBytes * 2) {
        const code = Number.parseInt(digits.slice(at, at + font.codeBytes * 2), 16);
        text += font.unicode.get(code) ?? '';
        advance += ((font.widths.get(code) ?? font.usualWidth) / 1000) * sizePt;
      }
    }
    const from = multiply(textMatrix, state.matrix);
    textMatrix = multiply([1, 0, 0, 1, advance, 0], textMatrix);
    const to = multiply(textMatrix, state.matrix);
    const { page, heightPt } = reading;
    reading.runs.push({
      ...{ text, page, lightness: state.lightness },
      ...{ startX: from[4], endX: to[4], y: heightPt - from[5] },
    });
  };
  const operators: Readonly<Record<string, () => void>> = {
    q: () => stack.push({ ...state }),
    Q: () => Object.assign(state, stack.pop()),
    cm: () => {
      state.matrix = multiply(toMatrix(), state.matrix);
    },
    rg: () => {
      const [red = 0, green = 0, blue = 0] = numbers();
      state.lightness = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    },
    g: () => {
      state.lightness = numbers()[0] ?? 0;
    },
    BT: () => {
      textMatrix = lineMatrix = identity;
    },
    Tf: () => {
      sizePt = Number(operands[1]);
      font = fontOf(reading, resource(objects, owner, 'Font', operands[0]?.slice(1) ?? ''));
    },
    Tm: () => {
      textMatrix = lineMatrix = toMatrix();
    },
    Td: () => {
      const [x = 0, y = 0] = numbers();
      textMatrix = lineMatrix = multiply([1, 0, 0, 1, x, y], lineMatrix);
    },
    Tj: () => show(operands.join(' ')),
    TJ: () => show(operands.join(' ')),
    Do: () => {
      const form = objects.get(resource(objects, owner, 'XObject', operands[0]?.slice(1) ?? '') ?? -1);
      if (form?.stream && /\/Subtype\s*\/Form\b/.test(form.dictionary))
        readContent(reading, form.stream, form.dictionary, state);
    },
  };
  for (const [token] of content.toString('latin1').matchAll(/<[^<>]*>|[^\s[\]<>]+/g)) {
    if (/^[-+.\d/<]/.test(token)) operands.push(token);
    else {
      operators[token]?.();
      operands = [];
    }
  }
}

function fontOf({ objects, fonts }: Reading, id: number | null): Font | null {
  const object = objects.get(id ?? -1);
  if (id === null || !object) return null;
  const known = fonts.get(id) ?? readFont(objects, object.dictionary);
  fonts.set(id, known);
  return known;
}

function readFont(objects: ReadonlyMap<number, PdfObject>, dictionary: string): Font {
  const table = objects.get(reference(dictionary, 'ToUnicode') ?? -1)?.stream?.toString('latin1') ?? '';
  const descendant = objects.get(reference(dictionary, 'DescendantFonts') ?? -1)?.dictionary;
  return {
    codeBytes: descendant === undefined ? 1 : 2,
    unicode: readUnicode(table),
    widths: readWidths(descendant ?? ''),
    usualWidth: Number(/\/DW\s+([\d.]+)/.exec(descendant ?? '')?.[1] ?? 0),
  };
}

function readUnicode(table: string): Map<number, string> {
  const unicode = new Map<number, string>();
  const lettersOf = (hex: string, add = 0): string => {
    const units = (hex.match(/.{4}/g) ?? []).map((unit) => Number.parseInt(unit, 16));
    const last = units.pop() ?? 0;
    return String.fromCharCode(...units, last + add);
  };
  for (const [, body = ''] of table.matchAll(/beginbfchar([\s\S]*?)endbfchar/g))
    for (const [, code = '', hex = ''] of body.matchAll(/<(\w+)>\s*<(\w+)>/g))
      unicode.set(Number.parseInt(code, 16), lettersOf(hex));
  for (const [, body = ''] of table.matchAll(/beginbfrange([\s\S]*?)endbfrange/g))
    for (const [, from = '', to = '', hex = ''] of body.matchAll(/<(\w+)>\s*<(\w+)>\s*<(\w+)>/g)) {
      const first = Number.parseInt(from, 16);
      for (let code = first; code <= Number.parseInt(to, 16); code += 1)
        unicode.set(code, lettersOf(hex, code - first));
    }
  return unicode;
}

/** `[3 [500 600] 20 24 500]`: a list of widths from a code on, or one width for codes from one to another. */
function readWidths(dictionary: string): Map<number, number> {
  const widths = new Map<number, number>();
  const list = /\/W\s*\[((?:[^[\]]|\[[^\]]*\])*)\]/.exec(dictionary)?.[1] ?? '';
  for (const [, first, each, from, to, width] of list.matchAll(
    /(\d+)\s*\[([^\]]*)\]|(\d+)\s+(\d+)\s+([\d.]+)/g,
  )) {
    if (each !== undefined)
      for (const [index, value] of each.trim().split(/\s+/).entries())
        widths.set(Number(first) + index, Number(value));
    else for (let code = Number(from); code <= Number(to); code += 1) widths.set(code, Number(width));
  }
  return widths;
}
