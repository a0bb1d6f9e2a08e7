/** The server as a few files of plain JavaScript: `npm start` runs those, tests run the sources. */
import { defineConfig } from 'vite';
import { keepPlaces } from './bundle/keepPlaces.ts';
import { leaveOut } from './bundle/leaveOut.ts';
import { onlyParts } from './bundle/onlyParts.ts';
import { writeAscii } from './bundle/writeAscii.ts';

export default defineConfig({
  plugins: [
    keepPlaces(),
    onlyParts({
      undici: { Agent: 'lib/dispatcher/agent.js', buildConnector: 'lib/core/connect.js' },
      'rate-limiter-flexible': { RateLimiterMemory: 'lib/RateLimiterMemory.js' },
    }),
    leaveOut({
      // Nobody is served or asked over HTTP/2, which Fastify and undici load in case; it takes a tenth of a start.
      'node:http2': '{ constants: {} }',
      // `backend/src/api/schemaCompilers.ts` stands in their place.
      '@fastify/ajv-compiler': 'null',
      '@fastify/fast-json-stringify-compiler': 'null',
      // Fastify asks with it whether a plugin is for its version, which the lock file has settled.
      semver: '{ satisfies: () => true }',
      // Requests without a socket, for tests.
      'light-my-request': 'null',
      // @fastify/static lists folders with it when it is told not to look each time; it is not.
      glob: '{}',
    }),
    writeAscii(),
  ],
  ssr: { noExternal: true },
  build: {
    ssr: true,
    outDir: 'dist',
    target: 'node24',
    // Names and lines stay, so that the stack of an error can be read without a source map.
    minify: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: 'src/main.ts',
      output: {
        // CommonJS: an `import` of node:http also loads what Node has behind its getters, a second undici among it.
        format: 'cjs',
        entryFileNames: '[name].cjs',
        chunkFileNames: '[name].cjs',
        comments: false,
        minify: { compress: true, mangle: { toplevel: false }, codegen: { removeWhitespace: false } },
      },
    },
  },
});
