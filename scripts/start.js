/**
 * `npm start`: builds what is missing or out of date, then becomes the server, in this same process. All of it is plain
 * JavaScript and the build runs in a process of its own, because what is loaded here stays in the server's memory.
 */
import './requireNode.js';
import { createRequire, enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { builds, isFresh } from './builds.js';
import { dropEchoedSignals } from './dropEchoedSignals.js';

const beside = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

function build() {
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  return spawnSync(process.execPath, [beside('build.ts')], { stdio: 'inherit' }).status === 0;
}

if ((isFresh(builds.server) && isFresh(builds.page)) || build()) {
  dropEchoedSignals(process, () => performance.now());
  // Beside the server: a build that replaces it removes what was compiled of it.
  enableCompileCache({ directory: beside('../backend/dist/compiled'), portable: true });
  createRequire(import.meta.url)(beside('../backend/dist/main.cjs'));
} else {
  process.exitCode = 1;
}
