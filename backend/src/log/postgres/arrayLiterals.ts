/**
 * Writes lists as Postgres array literals. The conversion by `pg` takes twice the time, and one parameter per value
 * many times that.
 */

/**
 * For texts without control characters, such as ids and JSON: their escapes are the same in JSON and in array literals.
 */
export function textArray(values: readonly string[]): string {
  return `{${JSON.stringify(values).slice(1, -1)}}`;
}

export function numberArray(values: readonly number[]): string {
  return `{${values.join()}}`;
}
