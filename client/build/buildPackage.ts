/**
 * Builds what `npm pack` puts into the package: one file of plain JavaScript for browsers and Node with the protocol in
 * it, its type declarations, and the licences of both.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { typeDeclarations } from './typeDeclarations.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const output = join(repository, 'client/dist');

await build({
  root: join(repository, 'client'),
  configFile: false,
  logLevel: 'warn',
  build: {
    outDir: output,
    lib: { entry: 'src/index.ts', formats: ['es'], fileName: 'index' },
    target: 'es2023',
    // A bundler minifies it later; until then stack traces show its function names.
    minify: false,
    reportCompressedSize: false,
  },
});

for (const { path, text } of typeDeclarations(repository)) {
  mkdirSync(dirname(join(output, path)), { recursive: true });
  writeFileSync(join(output, path), text);
}

const licences = ['LICENSE', 'node_modules/eventsource-parser/LICENSE'];
writeFileSync(
  join(output, 'LICENSE'),
  licences.map((path) => readFileSync(join(repository, path), 'utf8')).join('\n---\n\n'),
);
