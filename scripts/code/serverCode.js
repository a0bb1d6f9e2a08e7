/**
 * Loads the server with the code that V8 had made of it when it had answered a message (`warmUp.js`). Node's compile
 * cache has only what V8 compiles before a file runs, and not the functions that are called then: 50 ms of CPU more.
 */
// Not imported, as in start.js.
const { closeSync, existsSync, openSync, readSync, statSync } = process.getBuiltinModule('node:fs');
const { createRequire } = process.getBuiltinModule('node:module');
const { Script } = process.getBuiltinModule('node:vm');

/** Beside each file of the build, and gone with it: V8 compares no more of a source than its length. */
export const codeOf = (/** @type {string} */ path) => `${path}.code`;

/**
 * Runs main.cjs of a build. Returns the scripts of the files that are loaded, by path. V8 refuses code that another V8
 * made, and compiles the source.
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
    // At once, and not at the next collection of garbage, which an idle server has none of: 1 MB.
    for (const bytes of [source, code]) bytes?.buffer.transfer(0);
    scripts.set(path, script);
    // `createRequire` for each file takes 5 MB.
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
 * Reads a file into memory of its own. `before` and `after` it, because to add them to a text copies it: 1 MB.
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
