/**
 * Loads the server with the code that V8 had compiled for it after it answered a message (`warmUp.js`). Node's compile
 * cache has only what V8 compiles before a file runs, and not the functions that are called later: 50 ms of CPU more.
 */
// Not imported: see start.js.
const { closeSync, existsSync, openSync, readSync, statSync } = process.getBuiltinModule('node:fs');
const { createRequire } = process.getBuiltinModule('node:module');
const { Script } = process.getBuiltinModule('node:vm');

/** The kept code of a file, next to it and deleted with it: V8 compares only the length of a source. */
export const codeOf = (/** @type {string} */ path) => `${path}.code`;

/**
 * Runs main.cjs of a build. Returns the scripts of the loaded files by path. V8 refuses code that another V8 made, and
 * compiles the source.
 * @param {string} folder
 */
export function loadServer(folder) {
  const require = createRequire(import.meta.url);
  /** @type {Map<string, import('node:vm').Script>} */
  const scripts = new Map();
  require.extensions['.cjs'] = (module, path) => {
    const source = readAll(path, ...wrapper);
    const code = hasCode(path) ? readAll(codeOf(path)) : undefined;
    const script = new Script(source.toString('latin1'), { filename: path, cachedData: code });
    // Freed at once and not at the next garbage collection, which an idle server does not have: 1 MB.
    for (const bytes of [source, code]) bytes?.buffer.transfer(0);
    scripts.set(path, script);
    // `createRequire` for each file would take 5 MB.
    const requireFrom = (/** @type {string} */ id) => module.require(id);
    script.runInThisContext().call(module.exports, module.exports, requireFrom, module, path, folder);
  };
  require(`${folder}/main.cjs`);
  return scripts;
}

/** @type {[string, string]} */
const wrapper = ['(function (exports, require, module, __filename, __dirname) { ', '\n})'];

const hasCode = (/** @type {string} */ path) =>
  !process.env.NODE_DISABLE_COMPILE_CACHE && existsSync(codeOf(path));

/**
 * Reads a file into its own memory, between `before` and `after`: adding them to a string would copy it: 1 MB.
 * @param {string} path
 */
function readAll(path, before = '', after = '') {
  const { size } = statSync(path);
  const bytes = Buffer.allocUnsafeSlow(before.length + size + after.length);
  bytes.write(before);
  bytes.write(after, before.length + size);
  const file = openSync(path, 'r');
  readSync(file, bytes, before.length, size, 0);
  closeSync(file);
  return bytes;
}
