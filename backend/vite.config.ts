/**
 * Bundles the server into a few files of plain JavaScript: `npm start` runs those, tests run the sources. A figure is
 * what a start costs more without that line, in CPU and idle memory (docs/decisions/0013).
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
      // A worker is a file of the build; every other path leads to the same file as in the sources.
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
      // undici's parser is text in two sources, and V8 keeps both texts twice. As files, of which one is read: 0.3 MB.
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
      // V8 doubles the memory of a source that has a single letter beyond Latin-1: 11 ms, 1.8 MB.
      name: 'rill-escape-non-ascii',
      generateBundle(_, bundle) {
        for (const file of Object.values(bundle))
          if (file.type === 'chunk') file.code = file.code.replaceAll(/[^\0-\x7f]/g, toEscape);
      },
    },
  ],
  resolve: {
    alias: [
      // Only the parts of undici that the server uses: 15 ms, 3.0 MB.
      { find: /^undici$/, replacement: inBackend('bundle/undici.js') },
      // @fastify/static needs it only with an option that is not set: 14 ms, 1.0 MB of the first page.
      { find: /^glob$/, replacement: 'node:fs/promises' },
      // Fastify and undici load it for HTTP/2, which is not used: 3 to 7 ms, 0.8 MB.
      { find: /^node:http2$/, replacement: 'node:fs' },
      // A parser of undici that is used only with its own setting: 0.3 MB.
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
      // Otherwise shared code would be in main.cjs, and the checkpoint worker would start a second server with it.
      experimental: { chunkOptimization: false },
      output: {
        // An ES `import` of node:http runs all of its getters, which load a second undici among others: 27 ms, 0.5 MB.
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
