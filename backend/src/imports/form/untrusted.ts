/**
 * Reads fields of JSON that another product wrote, without a published schema: each function returns null or nothing
 * for a value of the wrong type, so that one odd field never loses a conversation. Only own properties are read.
 */

export type Fields = Readonly<Record<string, unknown>>;

const nothing: Fields = Object.freeze(Object.create(null) as Record<string, unknown>);

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : nothing);

/** The value of an own property; inherited ones, such as `constructor`, do not count. */
export const own = (fields: Fields, key: string): unknown =>
  Object.hasOwn(fields, key) ? fields[key] : undefined;

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The text; null if it is absent or empty. */
export const textOrNull = (value: unknown): string | null => textOf(value) || null;

/** Latest plausible time: the year 9999. */
const maxTimeMs = 253_402_300_799_999;

/**
 * Milliseconds since the Unix epoch, from an ISO text, or from seconds, milliseconds, micro- or nanoseconds, which are
 * distinguished by their size and may be a text too. Null for anything else, and for times not after the epoch.
 */
export function timeOf(value: unknown): number | null {
  if (typeof value === 'string')
    return /^\d{9,}(\.\d+)?$/.test(value) ? timeOf(Number(value)) : asTimeMs(Date.parse(value));
  if (typeof value !== 'number' || !Number.isFinite(value)) return null;
  if (value < 1e11) return asTimeMs(value * 1000);
  if (value < 1e14) return asTimeMs(value);
  return asTimeMs(value < 1e17 ? value / 1e3 : value / 1e6);
}

function asTimeMs(timeMs: number): number | null {
  const whole = Math.round(timeMs);
  return whole > 0 && whole <= maxTimeMs ? whole : null;
}
