/** Reads the build id of the served page, which the build writes into its `index.html`. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const mark = /<meta name="rill-build" content="([\w-]{1,64})"/;

/**
 * Null without a page, or if the page has no build id. Reads the file again when it has changed while the server runs.
 */
export function createPageBuild(pageDirectory: string | null): () => string | null {
  if (pageDirectory === null) return () => null;
  const path = join(pageDirectory, 'index.html');
  const known: { changedAtMs: number | null; build: string | null } = { changedAtMs: null, build: null };
  return () => {
    try {
      const changedAtMs = statSync(path).mtimeMs;
      if (changedAtMs !== known.changedAtMs) {
        known.build = mark.exec(readFileSync(path, 'utf8'))?.[1] ?? null;
        known.changedAtMs = changedAtMs;
      }
      return known.build;
    } catch {
      // Between two builds there is no page; tabs learn of the new one when they next connect.
      return null;
    }
  };
}
