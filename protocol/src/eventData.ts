/** The data of one SSE message to the fields of an event: JSON that has what its readers rely on, or a refusal. */
import { RillError } from './errors.ts';

/** The fields of a JSON object, unchecked. */
export type Fields = Readonly<Record<string, unknown>>;

/** True for a JSON object. */
export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Errors: bad_request for a text that is no JSON object, or one that does not fit. */
export function readEventData(type: string, text: string, fits: (data: Fields) => boolean): Fields {
  const data = parseJson(text);
  if (!isFields(data) || !fits(data)) {
    throw new RillError('bad_request', { message: `A ${type} event does not have the agreed form.` });
  }
  return data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RillError('bad_request', { message: 'An event holds no JSON.', cause });
  }
}
