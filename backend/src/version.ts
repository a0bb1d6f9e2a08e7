/** Reads the version of the product from its package, and compares versions. */
import packageJson from '../package.json' with { type: 'json' };

export const version: string = packageJson.version;

/** Negative, zero or positive if the first is older than, equal to or newer than the second. */
export function compareReleases(first: string, second: string): number {
  return first.localeCompare(second, 'en', { numeric: true });
}
