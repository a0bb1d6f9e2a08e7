/** Takes of a CommonJS package the parts that are named, where its own index loads all of them. */
import type { Plugin } from 'vite';

/** By package: the file of each export. An import of any other export fails the build. */
type Parts = Readonly<Record<string, Readonly<Record<string, string>>>>;

const mark = '\0only-parts:';

export function onlyParts(packages: Parts): Plugin {
  return {
    name: 'rill-only-parts',
    enforce: 'pre',
    resolveId(id, importer) {
      return id in packages && !importer?.startsWith(mark) ? mark + id : null;
    },
    load(id) {
      if (!id.startsWith(mark)) return null;
      const name = id.slice(mark.length);
      return Object.entries(packages[name] ?? {})
        .map(([part, file]) => `export { default as ${part} } from '${name}/${file}';`)
        .join('\n');
    },
  };
}
