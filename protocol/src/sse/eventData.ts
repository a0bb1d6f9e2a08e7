/** Turns the data of one SSE message into the event fields that readers rely on, or refuses it. */
import { RillError } from '../errorTable.ts';
import { isJsonObject, type JsonObject, parseJson } from '../json.ts';

/** Errors: bad_request for text that is not a JSON object or does not fit. */
export function readEventData(type: string, text: string, fits: (data: JsonObject) => boolean): JsonObject {
  const data = parseJson(text);
  if (data === undefined) throw new RillError('bad_request', { message: 'An event holds no JSON.' });
  if (!isJsonObject(data) || !fits(data)) {
    throw new RillError('bad_request', { message: `A ${type} event does not have the agreed form.` });
  }
  return data;
}
