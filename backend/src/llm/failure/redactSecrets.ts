/**
 * Removes secrets from a provider's texts. The API key and the secrets of the address are removed everywhere, also from an
 * answer. Errors also lose what looks like a key or an account id, control characters, and web pages.
 */
import { isJsonObject } from '@rill/protocol';

/** Longest provider text kept, in UTF-16 units. */
const maxSentenceLength = 300;
/** A shorter key is a placeholder for a local server, such as "none", and also an ordinary word. */
const minSecretLength = 6;
/** JSON that is nested deeper has nothing useful. */
const maxDepth = 200;
const removed = '[removed]';
const secretShapes = /\bBearer\s+\S+|\bsk-[\w.*…-]{4,}|\buser_\w{8,}/gi;
const unsafeCharacters = /[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu;
const webPage = /<!doctype|<html|<head|<body|<\?xml/i;
/** Placeholders that users set where no key is needed: words that an answer may contain. */
const placeholders =
  /^(?:(?:sk-)?no-?(?:api-?)?key(?:-?(?:required|needed))?|not-?(?:needed|required|used)|lm-?studio|ollama|placeholder|dummy(?:-?key)?|your-?api-?key|anything|whatever|test-?key|api-?key)$/i;

export interface Secrets {
  readonly apiKey: string | null;
  /** From the addresses: passwords, tokens of a query. */
  readonly secrets?: readonly string[];
  /** From the addresses: words such as a user's name, which are removed from errors only. */
  readonly words?: readonly string[];
}

export interface Redactor {
  /** The text without secrets; otherwise unchanged. */
  readonly text: (text: string) => string;
  /** One readable line of at most 300 UTF-16 units; null for no text, blank text and web pages. */
  readonly sentence: (value: unknown) => string | null;
  /** The same JSON without secrets in any string or key; the value itself when it holds none. */
  readonly json: <Value>(value: Value) => Value;
  /** As `json`, for what a model wrote: removes only our own secrets, not what looks like one. */
  readonly answer: <Value>(value: Value) => Value;
  /** A cleaner for one text that arrives in parts, where a secret may be split between two of them. */
  readonly createCleaner: () => TextCleaner;
}

/** Removes secrets from a text that arrives in parts. */
export interface TextCleaner {
  /** The text that may be shown now and was not returned before. */
  clean(text: string): string;
  /** The text that was held back as the possible start of a secret. */
  flush(): string;
}

/** Creates the redactor of one service. */
export function createRedactor({ apiKey, secrets = [], words = [] }: Secrets): Redactor {
  const all = longestFirst(
    [apiKey ?? '', ...secrets, ...words].filter((each) => each.length >= minSecretLength),
  );
  const strong = longestFirst([apiKey ?? '', ...secrets].filter(isUnmistakable));
  const text = (value: string): string =>
    all.reduce((rest, secret) => rest.replaceAll(secret, removed), value).replace(secretShapes, removed);
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
  const strongText = (value: string): string =>
    strong.reduce((rest, secret) => rest.replaceAll(secret, removed), value);
  const answer = <Value>(value: Value): Value =>
    strong.length === 0 ? value : redactJson(value, strongText);
  return { text, sentence, json, answer, createCleaner: () => createCleaner(strong) };
}

const longestFirst = (secrets: readonly string[]): string[] =>
  [...new Set(secrets)].sort((a, b) => b.length - a.length);

/** Too long for an ordinary word of an answer, or a mix of letters and digits. */
function isUnmistakable(secret: string): boolean {
  if (placeholders.test(secret)) return false;
  return (
    secret.length >= 12 || (secret.length >= minSecretLength && /\d/.test(secret) && /[a-z]/i.test(secret))
  );
}

/** The start of a secret is held back from this length on, in UTF-16 units; a shorter one reveals nothing. */
const heldLength = 4;

function createCleaner(secrets: readonly string[]): TextCleaner {
  if (secrets.length === 0) return { clean: (text) => text, flush: () => '' };
  // `shown` is the end of the text that was returned, `held` the text that was not yet.
  const state = { shown: '', held: '' };
  return {
    clean(text) {
      if (state.held === '' && isClean(state.shown, text, secrets)) {
        state.shown = text.slice(1 - heldLength);
        return text;
      }
      const whole = cover(state.shown + state.held + text, state.shown.length, secrets);
      const heldFrom = whole.length - tailLength(whole, secrets);
      const released = whole.slice(state.shown.length, Math.max(heldFrom, state.shown.length));
      state.held = whole.slice(state.shown.length + released.length);
      state.shown = (state.shown + released).slice(1 - heldLength);
      return released;
    },
    flush() {
      const { held } = state;
      state.held = '';
      return held;
    },
  };
}

/**
 * True for text that neither contains a secret nor ends with the start of one, like nearly all text: it is returned
 * unchanged. Text too short to be held back is checked again together with what follows.
 */
function isClean(shown: string, text: string, secrets: readonly string[]): boolean {
  if (text.length < heldLength) return false;
  const end = text.slice(-heldLength);
  const whole = shown + text;
  for (const secret of secrets) if (secret.includes(end) || whole.includes(secret)) return false;
  return true;
}

/** Replaces secrets. If one starts in the part that was shown, only the rest of it is replaced. */
function cover(text: string, shownLength: number, secrets: readonly string[]): string {
  let covered = text;
  for (const secret of secrets) {
    for (let at = covered.indexOf(secret); at >= 0; at = covered.indexOf(secret, at + 1)) {
      const from = Math.max(at, shownLength);
      covered = covered.slice(0, from) + removed + covered.slice(at + secret.length);
    }
  }
  return covered;
}

/** Length of the longest end of the text that a secret starts with; 0 when that is below `heldLength`. */
function tailLength(text: string, secrets: readonly string[]): number {
  const end = text.slice(-heldLength);
  if (!secrets.some((secret) => secret.includes(end))) return 0;
  const longest = Math.min(text.length, (secrets[0]?.length ?? 0) - 1);
  for (let length = longest; length >= heldLength; length -= 1) {
    const tail = text.slice(-length);
    if (secrets.some((secret) => secret.length > length && secret.startsWith(tail))) return length;
  }
  return 0;
}

/** Keeps the shape of `value`: only strings and keys change. */
function redactJson<Value>(value: Value, text: (text: string) => string, depth?: number): Value;
function redactJson(value: unknown, text: (text: string) => string, depth = 0): unknown {
  if (typeof value === 'string') return text(value);
  if (typeof value === 'object' && value !== null && depth > maxDepth) return removed;
  if (Array.isArray(value)) return value.map((item: unknown) => redactJson(item, text, depth + 1));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [text(name), redactJson(member, text, depth + 1)]),
  );
}
