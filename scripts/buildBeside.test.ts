/**
 * Tests builds by real processes: simultaneous, failing and killed ones, beside a build that is in use. The built files
 * are small.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inRepository } from './repositoryRoot.ts';

let root: string;
const running: ChildProcess[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rill-beside-'));
  mkdirSync(join(root, 'frontend/src'), { recursive: true });
  change(3600);
});
afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'close');
  }
  rmSync(root, { recursive: true });
});

const at = (path: string): string => join(root, path);
const read = (path: string): string => readFileSync(at(path), 'utf8');
const whole = (name: string) => ({ page: name, asset: name });
const served = () => ({ page: read('frontend/dist/index.html'), asset: read('frontend/dist/assets/a.js') });
const folders = (): string[] => readdirSync(at('frontend/.builds'));

/** Edits a source at a time that is this many seconds from now: a later time makes every build out of date. */
function change(seconds: number): void {
  writeFileSync(at('frontend/src/a.ts'), '');
  const time = Date.now() / 1000 + seconds;
  for (const path of ['frontend/src/a.ts', 'frontend/src']) utimesSync(at(path), time, time);
}

/**
 * Starts a process that builds the page as `name`. `make` is code that runs between the page and its asset; in it
 * `until(path)` waits for a file.
 */
function startBuild(name: string, make = '', times = 1) {
  const code = `
    import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
    import { buildStale } from ${JSON.stringify(inRepository('scripts/ensureBuilt.ts'))};
    const root = ${JSON.stringify(root)};
    const until = (path) => { while (!existsSync(root + '/' + path)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5); };
    for (let round = 0; round < ${times}; round += 1) {
      const built = buildStale(['page'], root, (_, __, outFolder) => {
        const out = root + '/frontend/' + outFolder;
        writeFileSync(out + '/index.html', ${JSON.stringify(name)} + (round || ''));
        process.stdout.write('begun\\n');
        ${make}
        mkdirSync(out + '/assets');
        writeFileSync(out + '/assets/a.js', ${JSON.stringify(name)} + (round || ''));
      });
      process.stdout.write('built ' + built.length + '\\n');
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'pipe' });
  running.push(child);
  const output = { text: '', errors: '' };
  const changes = new EventEmitter();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.text += text;
    changes.emit('change');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.errors += text;
  });
  const ended = once(child, 'close').then(([status]) => {
    changes.emit('change');
    return { status, ...output };
  });
  return {
    child,
    ended,
    async says(text: string): Promise<void> {
      while (!output.text.includes(text)) {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(output.errors);
        await once(changes, 'change');
      }
    },
  };
}

async function build(name: string): Promise<void> {
  expect(await startBuild(name).ended).toMatchObject({ status: 0, errors: '' });
}

test('two simultaneous processes make one build, and the existing build is complete until then', async () => {
  change(-10);
  await build('old');
  change(-5);
  utimesSync(at('frontend/dist/index.html'), 1, 1);
  const first = startBuild('new', "until('go');");
  await first.says('begun');
  const second = startBuild('second');
  await second.says('Waiting for a build that is under way');
  expect(served()).toEqual(whole('old'));
  writeFileSync(at('go'), '');
  expect(await first.ended).toMatchObject({ status: 0, text: 'begun\nbuilt 1\n', errors: '' });
  expect(await second.ended).toMatchObject({
    status: 0,
    text: 'Waiting for a build that is under way…\nbuilt 0\n',
    errors: '',
  });
  expect(served()).toEqual(whole('new'));
});

test('a failing build changes nothing and leaves nothing behind', async () => {
  await build('old');
  const before = folders();
  const { status } = await startBuild('bad', "throw new Error('does not compile');").ended;
  expect(status).toBe(1);
  expect(served()).toEqual(whole('old'));
  expect(folders()).toEqual(before);
});

test('a killed build changes nothing and blocks no other one; the next one removes its remains', async () => {
  await build('old');
  for (let round = 0; round < 2; round += 1) {
    const killed = startBuild('bad', "until('never');");
    await killed.says('begun');
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(served()).toEqual(whole('old'));
    expect(folders()).toHaveLength(2);
  }
  await build('new');
  expect(served()).toEqual(whole('new'));
  expect(folders().filter((name) => name.startsWith('new-'))).toEqual([]);
});

test('a reader finds a complete build at every moment while builds replace each other', async () => {
  await build('0');
  const builds = startBuild('', "until('read' + round);", 40);
  let reads = 0;
  let lastRead = '';
  while (builds.child.exitCode === null) {
    // Reads as `npm start` does: first the folder, then all files from it.
    const folder = realpathSync(at('frontend/dist'));
    const page = readFileSync(join(folder, 'index.html'), 'utf8');
    expect(readFileSync(join(folder, 'assets/a.js'), 'utf8')).toBe(page);
    // The next build but one waits until the next one was read, so that at most one is swapped in during a read.
    if (folder !== lastRead) {
      writeFileSync(at(`read${reads}`), '');
      reads += 1;
      lastRead = folder;
    }
    await new Promise(setImmediate);
  }
  expect(await builds.ended).toMatchObject({ status: 0, errors: '' });
  expect(reads).toBeGreaterThanOrEqual(40);
  expect(folders()).toHaveLength(2);
});

test('the previous build stays for the servers that run it, and no older one', async () => {
  const kept: string[] = [];
  for (const name of ['1', '2', '3']) {
    await build(name);
    kept.push(realpathSync(at('frontend/dist')));
  }
  expect(kept.map((folder) => existsSync(join(folder, 'index.html')))).toEqual([false, true, true]);
});

test('a folder in place of the link is replaced, and kept for the servers that run it', async () => {
  mkdirSync(at('frontend/dist'));
  writeFileSync(at('frontend/dist/index.html'), 'older');
  await build('new');
  expect(served()).toEqual(whole('new'));
  const contents = folders().map((name) => read(`frontend/.builds/${name}/index.html`));
  expect(contents.sort()).toEqual(['new', 'older']);
});
