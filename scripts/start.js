/**
 * `npm start`: builds what is missing or out of date, then becomes the server, in this same process. Any Node from 18 on
 * can read it, so that `requireNode.js` can say which one is needed. The build has a process of its own: what builds,
 * and Node's reader of TypeScript, would stay in the server's memory (30 MB).
 */
import './requireNode.js';
import { builds, isFresh } from './builds.js';
import { loadServer } from './code/serverCode.js';

// Without imports of what Node has, each of which loads all that is behind its getters: 5 ms of CPU, 3 MB.
const { realpathSync } = process.getBuiltinModule('node:fs');

const build = () =>
  process
    .getBuiltinModule('node:child_process')
    .spawnSync(process.execPath, [`${import.meta.dirname}/build.ts`], { stdio: 'inherit' }).status === 0;

if ((isFresh(builds.server) && isFresh(builds.page)) || build()) {
  // The folder itself, not the link to it: all that this server ever loads is of one build.
  loadServer(realpathSync(`${import.meta.dirname}/../backend/dist`));
} else {
  process.exitCode = 1;
}
