/** Defines the description of a JSON route, and fills in its path. */

export interface ClientRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** Fields that a success must have; empty for an answer without body. */
  readonly fields: readonly string[];
  /** Statuses besides 2xx that carry the route's own body and not an error. */
  readonly otherStatuses?: readonly number[];
}

/** Fills the `:names` of a path; each value is encoded, so that no id can leave its segment. */
export function fillPath(path: string, params: Readonly<Record<string, string>>): string {
  return path.replace(/:(\w+)/g, (_, name: string) => {
    const value = params[name];
    if (!value) throw new TypeError(`The path ${path} needs ${name}.`);
    return encodeURIComponent(value);
  });
}
