/**
 * Keeps `import.meta.url` true in the bundle: a `.ts` file in `new URL('…', import.meta.url)` becomes a file of the bundle,
 * and every other path leads where it leads in the sources.
 */
import { basename, relative, resolve } from 'node:path';
import type { Plugin } from 'vite';

const sourceUrl = /new URL\('(\.{1,2}\/[^']+)\.ts', import\.meta\.url\)/g;
const ownUrl = /(?<!\.cjs', )import\.meta\.url/g;

export function resolveImportMetaUrl(): Plugin {
  const state = { outDirectory: '' };
  return {
    name: 'rill-resolve-import-meta-url',
    enforce: 'pre',
    configResolved({ root, build }) {
      state.outDirectory = resolve(root, build.outDir);
    },
    transform(code, id) {
      if (id.includes('/node_modules/') || !code.includes('import.meta.url')) return null;
      const source = relative(state.outDirectory, id).replaceAll('\\', '/');
      return code
        .replaceAll(sourceUrl, (_, path: string) => {
          const fileName = `${basename(path)}.cjs`;
          this.emitFile({ type: 'chunk', id: `${path}.ts`, importer: id, fileName });
          return `new URL('./${fileName}', import.meta.url)`;
        })
        .replaceAll(ownUrl, `new URL('${source}', import.meta.url).href`);
    },
  };
}
