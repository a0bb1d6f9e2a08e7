/**
 * Turns the body of a refusal into the sentences that say what was refused: each text of it, with the location that
 * FastAPI and OpenAI add to it. Members that repeat the request are left out, or else every field would seem to be named.
 */
import { isJsonObject, type JsonObject } from '@rill/protocol';
import { arrayOf } from '../wire/jsonValue.ts';

/** Members that repeat the request or contain no sentence. */
const silent = new Set([
  'input',
  'ctx',
  'url',
  'request',
  'body',
  'user_id',
  'request_id',
  'documentation_url',
]);
const maxDepth = 8;
const maxLength = 16_384;

/** The texts of an error's value or of a whole body. */
export function refusalText(value: unknown): string {
  const texts: string[] = [];
  collect(value, 0, texts);
  return texts.join('\n').slice(0, maxLength);
}

function collect(value: unknown, depth: number, texts: string[]): void {
  if (depth > maxDepth || texts.length > 200) return;
  if (typeof value === 'string') collectText(value, depth, texts);
  else if (Array.isArray(value)) for (const item of value) collect(item, depth + 1, texts);
  else if (isJsonObject(value)) collectMembers(value, depth, texts);
}

function collectMembers(value: JsonObject, depth: number, texts: string[]): void {
  if (typeof value.param === 'string') texts.push(`'${value.param}'`);
  const location = arrayOf(value.loc).map(String).join('.');
  if (location !== '') texts.push(`${location}: ${typeof value.msg === 'string' ? value.msg : ''}`);
  for (const [name, member] of Object.entries(value)) {
    if (name === 'param' || name === 'loc' || silent.has(name)) continue;
    if (typeof member === 'number') texts.push(`${name}: ${member}`);
    else collect(member, depth + 1, texts);
  }
}

/** Kinds such as `invalid_request_error`, which every refusal has. */
const kindOfError = /^\w*(?:error|request)$/i;

/** Also reads JSON in a string: gateways forward the upstream's body so. */
function collectText(text: string, depth: number, texts: string[]): void {
  if (kindOfError.test(text)) return;
  const at = text.search(/[{[]/);
  if (at >= 0 && /[}\]]\s*$/.test(text)) {
    try {
      const packed: unknown = JSON.parse(text.slice(at));
      // `[1, 8192]` is a range in a sentence.
      if (isJsonObject(packed) || isJsonObject(arrayOf(packed)[0])) {
        collect(packed, depth + 1, texts);
        texts.push(text.slice(0, at));
        return;
      }
    } catch {
      // Not JSON, just braces in a sentence.
    }
  }
  texts.push(text);
}
