/** Cleans a title or name typed by a user before it is stored. Errors: bad_request if nothing is left. */
import { cleanName, RillError } from '@rill/protocol';

export function requireName(text: string, field: 'title' | 'name'): string {
  const name = cleanName(text);
  if (name === '')
    throw new RillError('bad_request', { message: `The ${field} has no character that can be seen.` });
  return name;
}
