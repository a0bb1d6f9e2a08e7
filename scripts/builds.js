/**
 * Lists the builds that are made on demand, and tells when one is out of date. Plain JavaScript: `npm start` calls it
 * in the process that becomes the server, where Node's TypeScript loader would stay in memory (30 MB).
 */

// Not imported: see start.js.
const { readdirSync, statSync } = process.getBuiltinModule('node:fs');

const root = `${import.meta.dirname}/..`;

/** `folder` has the vite.config.ts; the time of the file `output` is that of the build. */
export const builds = {
  page: {
    folder: 'frontend',
    output: 'frontend/dist/index.html',
    otherInputs: ['protocol/src', 'client/src', 'package-lock.json'],
  },
  server: {
    folder: 'backend',
    output: 'backend/dist/main.cjs',
    otherInputs: ['protocol/src', 'simulator/src', 'package-lock.json'],
  },
};

/** Files that are no input: tests, earlier builds, and the output of tools. */
const noInput = /^(test|dist|node_modules|\..*)$|\.test\./;

/**
 * True when it was built and none of its inputs changed since; a deleted file in a folder of sources counts as a
 * change.
 * @param {typeof builds['page']} build
 */
export function isFresh({ folder, output, otherInputs }, inFolder = root) {
  const built = statSync(`${inFolder}/${output}`, { throwIfNoEntry: false });
  return (
    built !== undefined &&
    // The folder's own time does not count, because a build changes it.
    isContentOlder(`${inFolder}/${folder}`, built.mtimeMs) &&
    otherInputs.every((input) => isOlder(`${inFolder}/${input}`, built.mtimeMs))
  );
}

/** @type {(path: string, builtAtMs: number) => boolean} */
function isOlder(path, builtAtMs) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return true;
  if (stats.mtimeMs > builtAtMs) return false;
  return !stats.isDirectory() || isContentOlder(path, builtAtMs);
}

/**
 * Joins paths by adding strings: joining some hundred paths with node:path took 10 ms of CPU and 6 MB.
 * @type {(folder: string, builtAtMs: number) => boolean}
 */
function isContentOlder(folder, builtAtMs) {
  return readdirSync(folder).every((name) => noInput.test(name) || isOlder(`${folder}/${name}`, builtAtMs));
}
