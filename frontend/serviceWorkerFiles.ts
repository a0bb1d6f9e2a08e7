/** Tells the built service worker which files the page consists of, and of which build they are. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** Read late or never by most: formulas, and the languages of code. They are asked of the server, as before. */
const notInShell = /katex|\/highlight\.js\/|\/languages\//i;
const shellFile = /\.(js|css|svg|woff2)$/;
/** Not of the build, so that their names stay. */
const namedFiles = ['firstPaint.js', 'manifest.webmanifest', 'icons/192.png'];

export function serviceWorkerFiles(): Plugin {
  return {
    name: 'service-worker-files',
    apply: 'build',
    writeBundle({ dir = '' }, bundle) {
      const page = readFileSync(join(dir, 'index.html'), 'utf8');
      const build = /<meta name="rill-build" content="([^"]+)"/.exec(page)?.[1];
      const files = Object.values(bundle)
        .filter((file) => shellFile.test(file.fileName))
        .filter(
          (file) => !notInShell.test(file.type === 'chunk' ? (file.facadeModuleId ?? '') : file.fileName),
        )
        .map(({ fileName }) => fileName)
        .sort();
      const path = join(dir, 'serviceWorker.js');
      const worker = readFileSync(path, 'utf8');
      const shell = JSON.stringify({ build, files: [...namedFiles, ...files] });
      const built = worker.replace(
        "const shell = { build: '', files: [] };",
        () => `const shell = ${shell};`,
      );
      if (build === undefined || built === worker)
        throw new Error('The service worker has no room for its files.');
      writeFileSync(path, built);
    },
  };
}
