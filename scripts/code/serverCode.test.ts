/** Tests a build of two files in real processes: without kept code, with it, and with damaged code. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inRepository } from '../repositoryRoot.ts';
import { codeOf } from './serverCode.js';

let build: string;
beforeEach(() => {
  build = mkdtempSync(join(tmpdir(), 'rill-code-'));
  writeFileSync(join(build, 'main.cjs'), 'const { name } = require("./other.cjs");\nconsole.log(name());\n');
  writeFileSync(
    join(build, 'other.cjs'),
    'exports.name = () => require("node:path").basename(__filename);\n',
  );
});
afterEach(() => rmSync(build, { recursive: true }));

/** Prints the build's own output, then the files that were loaded with kept code. */
function load(keepsCode = false): string {
  const code = `
    import { writeFileSync } from 'node:fs';
    import { codeOf, loadServer } from ${JSON.stringify(inRepository('scripts/code/serverCode.js'))};
    const scripts = [...loadServer(${JSON.stringify(build)})];
    console.log(scripts.map(([path, { cachedDataRejected }]) => path.slice(${build.length + 1}) + ' ' + (cachedDataRejected === false)).join());
    if (${keepsCode}) for (const [path, script] of scripts) writeFileSync(codeOf(path), script.createCachedData());`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
  });
  return stdout + stderr;
}

test('loads a build without kept code, and then with it', () => {
  expect(load(true)).toBe('other.cjs\nmain.cjs false,other.cjs false\n');
  expect(load()).toBe('other.cjs\nmain.cjs true,other.cjs true\n');
});

test.each([
  ['is empty', ''],
  ['is of something else', 'x'.repeat(500)],
])('compiles a file whose kept code %s', (_, code) => {
  load(true);
  writeFileSync(codeOf(join(build, 'other.cjs')), code);
  expect(load()).toBe('other.cjs\nmain.cjs true,other.cjs false\n');
});
