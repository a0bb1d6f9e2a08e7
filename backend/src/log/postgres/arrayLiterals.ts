/**
 * Writes lists as array literals of Postgres. The conversion of `pg` takes twice the time, and a parameter for each
 * value many times that.
 */

/**
 * Of texts without control characters, such as ids and JSON: in those the escapes of JSON and of array literals are the
 * same.
 */
export function textArray(values: readonly string[]): string {
  return `{${JSON.stringify(values).slice(1, -1)}}`;
}

export function numberArray(values: readonly number[]): string {
  return `{${values.join()}}`;
}
