/** Measures the size of the built page: the files that a browser loads first, and those that it loads on demand. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { gzipSync } from 'node:zlib';

export interface PageFile {
  readonly name: string;
  readonly isInitial: boolean;
  readonly bytes: number;
  readonly gzippedBytes: number;
}

/** Paths that a page names in its scripts, preloads and style sheets, relative to its folder. */
export const namedInPage = (html: string): string[] =>
  [...html.matchAll(/<(?:script|link)\b[^>]*?(?:src|href)="\/([\w./-]+\.(?:js|css))"/g)].map(
    ([, path = '']) => path,
  );

/** File names in the same folder that a script imports statically; those of `import()` are left out. */
export const staticImports = (script: string): string[] =>
  [...script.matchAll(/(?:\bfrom|\bimport)\s*["']\.\/([\w.-]+\.js)["']/g)].map(([, name = '']) => name);

/** Every script and style sheet of a built page, heaviest first. */
export function weighPage(distFolder: string): PageFile[] {
  const initial = new Set<string>();
  const pending = namedInPage(readFileSync(join(distFolder, 'index.html'), 'utf8'));
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (initial.has(path)) continue;
    initial.add(path);
    if (!path.endsWith('.js')) continue;
    const script = readFileSync(join(distFolder, path), 'utf8');
    for (const name of staticImports(script)) pending.push(posix.join(posix.dirname(path), name));
  }
  return readdirSync(distFolder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(js|css)$/.test(path))
    .map((path) => {
      const bytes = readFileSync(join(distFolder, path));
      return {
        name: posix.basename(path),
        isInitial: initial.has(path),
        bytes: bytes.length,
        gzippedBytes: gzipSync(bytes, { level: 9 }).length,
      };
    })
    .sort((a, b) => b.gzippedBytes - a.gzippedBytes);
}
