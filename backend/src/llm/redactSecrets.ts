/**
 * The provider's words to words that may be shown and logged: without our API key, without anything that looks
 * like a key or an account id, without control characters, and never a web page.
 */
import { isJsonObject } from './jsonValue.ts';

/** Longest provider text kept, in UTF-16 units. */
const maxSentenceLength = 300;
/** A shorter key is a placeholder for a local server, such as "none", and also an ordinary word. */
const minSecretLength = 6;
const removed = '[removed]';
const secretShapes = /\bBearer\s+\S+|\bsk-[\w.*…-]{4,}|\buser_\w{8,}/gi;
const unsafeCharacters = /[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu;
const webPage = /<!doctype|<html|<head|<body|<\?xml/i;

export interface Redactor {
  /** The text without secrets; otherwise unchanged. */
  readonly text: (text: string) => string;
  /** One line for people, at most 300 UTF-16 units; null for nothing, blank text and web pages. */
  readonly sentence: (value: unknown) => string | null;
  /** The same JSON without secrets in any string or key; the value itself when it holds none. */
  readonly json: <Value>(value: Value) => Value;
}

/** Makes the redactor of one service. `apiKey` is replaced wherever it stands, whatever it looks like. */
export function createRedactor(apiKey: string | null): Redactor {
  const key = apiKey !== null && apiKey.length >= minSecretLength ? apiKey : null;
  const text = (value: string): string => {
    const withoutKey = key === null ? value : value.replaceAll(key, removed);
    return withoutKey.replace(secretShapes, removed);
  };
  const sentence = (value: unknown): string | null => {
    if (typeof value !== 'string' || webPage.test(value)) return null;
    const line = text(value.replace(/\s+/g, ' ').replace(unsafeCharacters, '')).trim();
    if (line === '') return null;
    return line.length <= maxSentenceLength
      ? line
      : `${line.slice(0, maxSentenceLength - 1).toWellFormed()}…`;
  };
  const json = <Value>(value: Value): Value => {
    const encoded = JSON.stringify(value) ?? '';
    return text(encoded) === encoded ? value : redactJson(value, text);
  };
  return { text, sentence, json };
}

/** Keeps the shape of `value`: only strings and keys change. */
function redactJson<Value>(value: Value, text: (text: string) => string): Value;
function redactJson(value: unknown, text: (text: string) => string): unknown {
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value)) return value.map((item: unknown) => redactJson(item, text));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [text(name), redactJson(member, text)]),
  );
}
