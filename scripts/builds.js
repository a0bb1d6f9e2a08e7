/**
 * What is built on demand, and when it is out of date. Plain JavaScript: `npm start` asks it in the process that
 * becomes the server, where Node's reader of TypeScript would stay in memory (30 MB).
 */
import { readdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Build
 * @property {string} name What it is called in messages.
 * @property {string} folder Where its vite.config.ts lies.
 * @property {string} output The file whose time is that of the build.
 * @property {readonly string[]} inputs Files and folders that it is made from, as far as they are in the repository.
 */

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** @type {Readonly<Record<'page' | 'server', Build>>} */
export const builds = {
  page: {
    name: 'page',
    folder: 'frontend',
    output: 'frontend/dist/index.html',
    inputs: [
      'frontend/src',
      'frontend/public',
      'frontend/index.html',
      'frontend/package.json',
      'frontend/tsconfig.json',
      'frontend/vite.config.ts',
      'frontend/compressAssets.ts',
      'frontend/svelte.config.js',
      'protocol/src',
      'client/src',
      'package-lock.json',
    ],
  },
  server: {
    name: 'server',
    folder: 'backend',
    output: 'backend/dist/main.cjs',
    inputs: [
      'backend/src',
      'backend/bundle',
      'backend/package.json',
      'backend/vite.config.ts',
      'protocol/src',
      'simulator/src',
      'package-lock.json',
    ],
  },
};

/**
 * Whether it was built and nothing it is made from changed since; a deleted file counts as a change, a test does not.
 * @param {Build} build
 */
export function isFresh({ output, inputs }, inFolder = root) {
  const built = statSync(`${inFolder}/${output}`, { throwIfNoEntry: false });
  return built !== undefined && inputs.every((input) => isOlder(`${inFolder}/${input}`, built.mtimeMs));
}

/**
 * Adds up strings: to join some hundred paths took 10 ms of CPU and 6 MB.
 * @param {string} path
 * @param {number} builtAtMs
 * @returns {boolean}
 */
function isOlder(path, builtAtMs) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return true;
  if (stats.mtimeMs > builtAtMs) return false;
  if (!stats.isDirectory()) return true;
  return readdirSync(path).every((name) => name.includes('.test.') || isOlder(`${path}/${name}`, builtAtMs));
}
