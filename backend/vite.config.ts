/**
 * Bundles the server into a few files of plain JavaScript: `npm start` runs those, tests run the sources. The figures say
 * what a start takes more without that line, in CPU and idle memory (docs/decisions/0013).
 */
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const inBackend = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** `npm start` loads the build from its own folder, not by the link to it. */
const pathFromBuild = (path: string): string =>
  relative(inBackend('.builds/name'), path).replaceAll('\\', '/');

const toEscape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

export default defineConfig({
  plugins: [
    {
      // A worker is a file of the build; every other path leads where it leads in the sources.
      name: 'rill-paths',
      enforce: 'pre',
      transform: (code, id) =>
        code
          .replaceAll(/(new URL\('\.\/\w+)\.ts', import\.meta\.url/g, "$1.cjs', import.meta.url")
          .replaceAll(
            /(?<!\.cjs', )import\.meta\.url/g,
            `new URL('${pathFromBuild(id)}', import.meta.url).href`,
          ),
    },
    {
      // undici's parser is text in two sources, of which V8 keeps each text twice: in files, of which one is read, 0.3 MB.
      name: 'rill-parser-in-files',
      transform(code, id) {
        const [, name] = /\/undici\/lib\/llhttp\/(llhttp.*-wasm)\.js$/.exec(id) ?? [];
        const [, base64] = /'(AGFzb[\w+/=]+)'/.exec(code) ?? [];
        if (!name || !base64) return null;
        this.emitFile({ type: 'asset', fileName: `${name}.bin`, source: Buffer.from(base64, 'base64') });
        const read = `require('node:fs').readFileSync(__dirname + '/${name}.bin')`;
        return `Object.defineProperty(module, 'exports', { get: () => ${read} });`;
      },
    },
    {
      // V8 keeps a source with a single letter beyond Latin-1 at twice the memory: 11 ms, 1.8 MB.
      name: 'rill-escape-non-ascii',
      generateBundle(_, bundle) {
        for (const file of Object.values(bundle))
          if (file.type === 'chunk') file.code = file.code.replaceAll(/[^\0-\x7f]/g, toEscape);
      },
    },
  ],
  resolve: {
    alias: [
      // 15 ms, 3.0 MB.
      { find: /^undici$/, replacement: inBackend('bundle/undici.js') },
      // @fastify/static lists folders with it when it is told not to look each time: 14 ms, 1.0 MB of the first page.
      { find: /^glob$/, replacement: 'node:fs/promises' },
      // Fastify and undici load it in case HTTP/2 is spoken: 3 to 7 ms, 0.8 MB.
      { find: /^node:http2$/, replacement: 'node:fs' },
      // A parser of undici's that only its own setting chooses: 0.3 MB.
      { find: /^\.\.\/milo\/(no-)?simd\.js$/, replacement: 'node:fs' },
    ],
  },
  ssr: { noExternal: true },
  build: {
    ssr: true,
    ssrEmitAssets: true,
    target: 'node24',
    minify: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: [
        'src/main.ts',
        'src/database/sqlite/checkpointWorker.ts',
        'src/database/sqlite/search/searchWorker.ts',
        'src/imports/reading/readingWorker.ts',
      ],
      // Loaded only without `disableDefaultCompilers` of `backend/src/api/routes/table/validateRequests.ts`: 9 ms, 1.9 MB.
      external: ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler'],
      // What several files need would lie in main.cjs, and the checkpoint worker would start a second server with it.
      experimental: { chunkOptimization: false },
      output: {
        // An `import` of node:http also loads what Node has behind its getters, a second undici among it: 27 ms, 0.5 MB.
        format: 'cjs',
        entryFileNames: '[name].cjs',
        chunkFileNames: '[name].cjs',
        // 0 ms, 1.3 MB.
        comments: false,
        // 11 ms, 2.0 MB. Names and lines stay, so that the stack of an error can be read without a source map.
        minify: { compress: true, mangle: { toplevel: false }, codegen: { removeWhitespace: false } },
      },
    },
  },
});
