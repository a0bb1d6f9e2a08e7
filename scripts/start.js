/**
 * `npm start`: builds what is missing or out of date, then becomes the server, in this same process. Any Node from 18
 * on can parse it, so that `requireNode.js` can say which one is needed. The build runs in a separate process: the
 * build tools and Node's TypeScript loader would stay in the server's memory (30 MB).
 */
import './requireNode.js';
import { builds, isFresh } from './builds.js';
import { loadServer } from './code/serverCode.js';

// Not imported: an import of a built-in module runs all of its getters, which load more modules: 5 ms of CPU, 3 MB.
const { realpathSync } = process.getBuiltinModule('node:fs');

const build = () =>
  process
    .getBuiltinModule('node:child_process')
    .spawnSync(process.execPath, [`${import.meta.dirname}/build.ts`], { stdio: 'inherit' }).status === 0;

if ((isFresh(builds.server) && isFresh(builds.page)) || build()) {
  // The folder itself, not the link to it, so that everything this server ever loads is of one build.
  loadServer(realpathSync(`${import.meta.dirname}/../backend/dist`));
} else {
  process.exitCode = 1;
}
