/** Response headers as undici gives them, single or repeated, to one value per name. */

/** Reads one header by its lower-case name; null when it is absent. */
export type HeaderReader = (name: string) => string | null;

/** Of a repeated header the first value counts. */
export function headerReader(headers: Readonly<Record<string, string | string[] | undefined>>): HeaderReader {
  return (name) => {
    const value = headers[name];
    return (Array.isArray(value) ? value[0] : value) ?? null;
  };
}
