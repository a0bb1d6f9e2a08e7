/**
 * Turns the bytes of one answer into its JSON values, whatever the content type says: events with or without blank lines
 * between them, one JSON value a line, or one JSON text over many lines. A complete value is read at once.
 */
import { isJsonObject, type JsonObject } from '@rill/protocol';
import { parseJson } from '../jsonValue.ts';
import { BodyLines, maxLineLength } from './bodyLines.ts';
import { HeldStrings } from './heldStrings.ts';
import { JsonDepth, splitJsonValues } from './jsonScan.ts';

/** data: from a data event; bare: JSON outside events; error: from an event or field with that name. */
export type ValueOrigin = 'data' | 'bare' | 'error';

/** Called for the contents of the body, in order. A long picture of a value is a `HeldText`. */
export interface BodyListener {
  onValue(value: JsonObject, origin: ValueOrigin): void;
  /** Text that is not JSON, from a data line, a line that is no field, or an error field. */
  onText(plainText: string, origin: ValueOrigin): void;
  /** A data event that is no JSON object. */
  onBadData(): void;
  onDone(): void;
  onComment(): void;
}

const doneMark = /^"?\[?done\]?"?$/i;
/** The start of JSON. `[ERROR]` is not JSON. */
const jsonStart = /^\s*(?:\{|\[(?!\w))/;
const field = /^([A-Za-z][\w-]*):/;
const errorName = /(?:error|exception)$/i;

export class BodyReader {
  readonly #listener: BodyListener;
  readonly #held = new HeldStrings();
  readonly #lines = new BodyLines({
    onLine: (line) => {
      this.#readLine(line);
      if (!this.#held.isEmpty && this.#data.length === 0 && !this.#bare) this.#held.clear();
    },
    decodeLong: (line) => this.#held.shorten(line),
  });
  /** Lines of a data event that are not JSON one by one. */
  #data: string[] = [];
  #dataLength = 0;
  /** Lines of bare JSON that has not ended. */
  #bare: { readonly lines: string[]; readonly depth: JsonDepth; length: number } | null = null;
  #isErrorEvent = false;
  /** The last value of the event that is being read, which may still turn out to be named an error. */
  #latest: JsonObject | null = null;
  /** True when a name follows data: it belongs to the data after it, or else to the data before it. */
  #isNameLate = false;
  #hasEvents = false;
  #isPage = false;

  constructor(listener: BodyListener) {
    this.#listener = listener;
  }

  /** True once a line of an event stream was read. */
  get hasEvents(): boolean {
    return this.#hasEvents;
  }

  /** True when the body is a web page. */
  get isPage(): boolean {
    return this.#isPage;
  }

  /** Errors: RangeError for an endless line or event. */
  feed(bytes: Uint8Array): void {
    this.#lines.feed(bytes);
  }

  /** Called at the end of the body. A complete last line counts even without a line end; an incomplete one is dropped. */
  end(): void {
    const tail = this.#lines.end();
    if (isCompleteTail(tail)) this.#readLine(tail);
    this.#endBare();
    const data = this.#data.join('\n');
    this.#dropData();
    const value = data === '' ? undefined : parseJson(data);
    if (value !== undefined) this.#readValue(value, this.#origin());
    this.#endEvent();
  }

  #readLine(line: string): void {
    if (line.startsWith('data:')) {
      this.#hasEvents = true;
      this.#endBare();
      this.#readData(line.slice(line.charCodeAt(5) === 32 ? 6 : 5));
    } else if (line === '') {
      if (this.#data.length > 0) this.#readJoinedData();
      this.#endEvent();
    } else if (line.charCodeAt(0) === 58) {
      this.#hasEvents = true;
      this.#listener.onComment();
    } else this.#readOtherLine(line);
  }

  #readOtherLine(line: string): void {
    const text = line.trim();
    const name = this.#bare ? undefined : field.exec(text)?.[1]?.toLowerCase();
    if (this.#bare) this.#readBare(line);
    else if (text === '') return;
    else if (name === 'data') this.#readLine(`data:${text.slice(5)}`);
    else if (name !== undefined) this.#readField(name, text.slice(name.length + 1).trim());
    else if (jsonStart.test(text)) this.#readBare(line);
    else if (doneMark.test(text)) this.#listener.onDone();
    else this.#readText(text);
  }

  #readField(name: string, text: string): void {
    this.#hasEvents ||= name === 'event' || name === 'id' || name === 'retry' || name === 'error';
    if (name === 'event') this.#readName(text);
    if (name !== 'error' || text === '') return;
    const value = parseJson(text);
    if (value === undefined) this.#giveText(text, 'error');
    else this.#readValue(value, 'error');
  }

  #readName(name: string): void {
    this.#isErrorEvent = errorName.test(name);
    this.#isNameLate = this.#latest !== null;
  }

  #readText(text: string): void {
    if (text.startsWith('<')) this.#isPage = true;
    else this.#giveText(text, 'bare');
  }

  /** A complete data line is read at once, because some servers send no blank lines between events. */
  #readData(text: string): void {
    const mayBePart = this.#data.length > 0 && !/^\s*(?:\{.*"choices"|\[DONE])/.test(text);
    const values = mayBePart || text === '' ? null : parseValues(text);
    if (mayBePart || (values === null && jsonStart.test(text))) this.#holdData(text);
    else {
      if (this.#data.length > 0) this.#readJoinedData();
      for (const value of values ?? []) this.#readDataValue(value);
      if (values === null && text !== '') this.#readDataText(text);
    }
  }

  #readDataValue(value: unknown): void {
    this.#isNameLate = false;
    this.#latest = isJsonObject(value) ? this.#held.restore(value) : null;
    this.#readValue(value, this.#origin());
  }

  #readDataText(text: string): void {
    this.#isNameLate = false;
    const origin = this.#origin();
    const plainText = text.trim();
    if (doneMark.test(plainText)) this.#listener.onDone();
    else {
      if (origin === 'data') this.#listener.onBadData();
      this.#giveText(plainText, origin);
    }
  }

  #holdData(text: string): void {
    this.#data.push(text);
    this.#dataLength += text.length;
    if (this.#dataLength > maxLineLength)
      throw new RangeError('An event of the answer is longer than allowed.');
  }

  /** Reads the lines as one JSON text, or else each by itself, so that a broken line does not spoil the others. */
  #readJoinedData(): void {
    const lines = this.#data;
    this.#dropData();
    const joined = parseJson(lines.join('\n'));
    const readings = joined === undefined ? lines.map(parseValues) : [[joined]];
    if (readings.every((values) => values === null)) this.#listener.onBadData();
    else {
      for (const values of readings) {
        if (values === null) this.#listener.onBadData();
        else for (const value of values) this.#readDataValue(value);
      }
    }
  }

  #dropData(): void {
    this.#data = [];
    this.#dataLength = 0;
  }

  #origin(): 'data' | 'error' {
    return this.#isErrorEvent ? 'error' : 'data';
  }

  #endEvent(): void {
    if (this.#isErrorEvent && this.#isNameLate && this.#latest) this.#listener.onValue(this.#latest, 'error');
    this.#isErrorEvent = false;
    this.#isNameLate = false;
    this.#latest = null;
  }

  #readBare(line: string): void {
    const values = this.#bare ? null : parseValues(line);
    if (values) {
      for (const value of values) this.#readValue(value, 'bare');
      return;
    }
    this.#bare ??= { lines: [], depth: new JsonDepth(), length: 0 };
    this.#bare.lines.push(line);
    this.#bare.length += line.length;
    if (this.#bare.length > maxLineLength) throw new RangeError('The answer is longer than allowed.');
    if (this.#bare.depth.add(line) <= 0) this.#endBare();
  }

  #endBare(): void {
    if (!this.#bare) return;
    const values = parseValues(this.#bare.lines.join('\n'));
    this.#bare = null;
    for (const value of values ?? []) this.#readValue(value, 'bare');
  }

  /** The entries of a list count as values of their own. */
  #readValue(value: unknown, origin: ValueOrigin): void {
    if (isJsonObject(value)) {
      this.#listener.onValue(this.#held.restore(value), origin);
      return;
    }
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    const objects = list.filter(isJsonObject);
    for (const [index, object] of objects.entries()) {
      // A list in an event is one event.
      this.#listener.onValue(this.#held.restore(object), index > 0 && origin === 'data' ? 'bare' : origin);
    }
    if (objects.length === 0) this.#readOtherValue(list, origin);
  }

  #giveText(text: string, origin: ValueOrigin): void {
    this.#listener.onText(this.#held.restoreText(text), origin);
  }

  #readOtherValue(list: readonly unknown[], origin: ValueOrigin): void {
    const plainText = list.find((entry) => typeof entry === 'string');
    const isDone = plainText !== undefined && doneMark.test(plainText);
    if (isDone) this.#listener.onDone();
    else if (origin === 'data') this.#listener.onBadData();
    if (plainText !== undefined && !isDone) this.#giveText(plainText, origin);
  }
}

/** The JSON values of a line, usually one; null when the line contains anything else. */
function parseValues(line: string): unknown[] | null {
  // The end of nearly every answer. It is not JSON, and throwing the parser's error takes 2 % of a send.
  if (line === '[DONE]') return [line];
  const value = parseJson(line);
  if (value !== undefined) return [value];
  const values = splitJsonValues(line)?.map((text) => (doneMark.test(text) ? text : parseJson(text)));
  return values && values.length > 0 && !values.includes(undefined) ? values : null;
}

/** Whether the last line of a body, without a line end, is complete. */
function isCompleteTail(line: string): boolean {
  const text = line.trim();
  if (!/^(?:data|error):/i.test(text)) return text !== '';
  const value = text.slice(text.indexOf(':') + 1).trim();
  return doneMark.test(value) || parseValues(value)?.some((entry) => typeof entry === 'object') === true;
}
