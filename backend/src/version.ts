/** Reads the version of the product from its package, and compares versions. */
import packageJson from '../package.json' with { type: 'json' };

export const version: string = packageJson.version;

/** Below, at or above 0, as the first is older than, equal to or newer than the second. */
export function compareReleases(first: string, second: string): number {
  return first.localeCompare(second, 'en', { numeric: true });
}
