/**
 * Writes the helper of the bundler that the first scripts need into each of them: in a file of its own it would be one
 * more request for which the text waits. A file that needs other helpers still imports that file, and only such a file
 * asks for it ahead.
 */
import type { Plugin } from 'vite';

const runtimeFile = /(^|\/)rolldown-runtime-[^/]*\.js$/;
const helperImport = /^import \{ \w+ as (__exportAll(?:\$\d+)?) \} from "\.\/rolldown-runtime-[^"]+";$/m;

/** As the bundler has it: an object with a getter for each export. */
const helper = (name: string) => `const ${name} = (all, isPlain) => {
  const target = {};
  for (const key in all) Object.defineProperty(target, key, { get: all[key], enumerable: true });
  return isPlain ? target : Object.defineProperty(target, Symbol.toStringTag, { value: 'Module' });
};`;

/** The name of a chunk, without its folder and its hash. */
const nameOf = (file: string): string => /([^/]+)-[^/]{8}\.js$/.exec(file)?.[1] ?? '';

export function inlineRuntime(): Plugin {
  const importers = new Set<string>();
  return {
    name: 'inline-runtime',
    apply: 'build',
    config: () => ({
      build: {
        modulePreload: {
          resolveDependencies: (file, dependencies) =>
            importers.has(nameOf(file))
              ? dependencies
              : dependencies.filter((dependency) => !runtimeFile.test(dependency)),
        },
      },
    }),
    renderChunk(code, chunk) {
      if (!chunk.imports.some((file) => runtimeFile.test(file))) return null;
      if (!helperImport.test(code)) {
        importers.add(chunk.name);
        return null;
      }
      return { code: code.replace(helperImport, (_line, name: string) => helper(name)), map: null };
    },
  };
}
