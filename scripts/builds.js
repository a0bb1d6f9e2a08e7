/**
 * What is built on demand, and when it is out of date. Plain JavaScript: `npm start` asks it in the process that
 * becomes the server, where Node's reader of TypeScript would stay in memory (30 MB).
 */

// Not imported, as in start.js.
const { readdirSync, statSync } = process.getBuiltinModule('node:fs');

const root = `${import.meta.dirname}/..`;

/** In `folder` lies the vite.config.ts; `output` is the file whose time is that of the build. */
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

/** Tests, earlier builds, and what tools write. */
const noInput = /^(test|dist|node_modules|\..*)$|\.test\./;

/**
 * Whether it was built and nothing it is made from changed since; a deleted file in a folder of sources counts as a change.
 * @param {typeof builds['page']} build
 */
export function isFresh({ folder, output, otherInputs }, inFolder = root) {
  const built = statSync(`${inFolder}/${output}`, { throwIfNoEntry: false });
  return (
    built !== undefined &&
    // Not by the folder's own time, which a build changes.
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
 * Adds up strings: to join some hundred paths took 10 ms of CPU and 6 MB.
 * @type {(folder: string, builtAtMs: number) => boolean}
 */
function isContentOlder(folder, builtAtMs) {
  return readdirSync(folder).every((name) => noInput.test(name) || isOlder(`${folder}/${name}`, builtAtMs));
}
