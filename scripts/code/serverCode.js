/**
 * Loads the server with the code that V8 had made of it when it had answered a message (`warmUp.js`). Node's compile
 * cache has only what V8 compiles before a file runs, and not the functions that are called then: 50 ms of CPU more.
 */
// Not imported, as in start.js.
const { closeSync, existsSync, openSync, readFileSync, readSync, statSync } =
  process.getBuiltinModule('node:fs');
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
    const code = readCode(codeOf(path));
    const source = `(function (exports, require, module, __filename, __dirname) { ${readFileSync(path, 'utf8')}\n})`;
    const script = new Script(source, { filename: path, cachedData: code });
    // At once, and not at the next collection of garbage, which an idle server has none of: 1 MB.
    code?.buffer.transfer(0);
    scripts.set(path, script);
    // `createRequire` for each file takes 5 MB.
    const requireFrom = (/** @type {string} */ id) => module.require(id);
    script.runInThisContext().call(module.exports, module.exports, requireFrom, module, path, folder);
  };
  require(`${folder}/main.cjs`);
  return scripts;
}

/** @param {string} path */
function readCode(path) {
  if (process.env.NODE_DISABLE_COMPILE_CACHE || !existsSync(path)) return undefined;
  const code = new Uint8Array(statSync(path).size);
  const file = openSync(path, 'r');
  readSync(file, code);
  closeSync(file);
  return code;
}
