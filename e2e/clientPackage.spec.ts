/**
 * Installs the package that `npm pack` makes in client/ into projects outside of the repository, and uses it with a
 * real server.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'vite';
import { expect, test } from './support/rillTest.ts';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('..', import.meta.url));
let project: string;

test.beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'rill-package-'));
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', project], {
    cwd: join(repository, 'client'),
  });
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as [{ filename: string }];
  writeFileSync(join(project, 'package.json'), '{ "name": "scratch", "private": true, "type": "module" }');
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', packed.filename], { cwd: project });
});
test.afterAll(() => rmSync(project, { recursive: true, force: true }));

/** The examples of the README, which build on one another, as one program. */
function readmeProgram(): string {
  const readme = readFileSync(join(repository, 'client/README.md'), 'utf8');
  return [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code).join('\n');
}

test('the examples of its README match its types, which need no other package', async () => {
  writeFileSync(join(project, 'examples.ts'), readmeProgram());
  const typescript = join(repository, 'node_modules/typescript/bin/tsc');
  const nodeTypes = ['--types', 'node', '--typeRoots', join(repository, 'node_modules/@types')];
  const options = [
    '--strict',
    '--noEmit',
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--skipLibCheck',
    'false',
  ];
  const check = run(process.execPath, [typescript, ...options, ...nodeTypes, 'examples.ts'], {
    cwd: project,
  });
  await check.catch(({ stdout }: { stdout: string }) => expect(stdout).toBe(''));
});

test('the examples of its README run in Node', async ({ rill }) => {
  writeFileSync(join(project, 'run.ts'), readmeProgram());
  const { stdout } = await run(process.execPath, ['run.ts'], {
    cwd: project,
    env: { PATH: process.env.PATH, RILL_URL: rill.url },
  });
  const lines = stdout.split('\n');
  expect(lines).toEqual(expect.arrayContaining(['connecting', 'open', 'cancelled', 'not_found false']));
  expect(lines.filter((line) => /^completed \d+$/.test(line))).toHaveLength(1);
  expect(lines).toContain('completed');
});

const page = `
import { createRillClient } from '@rill/client';

const rill = createRillClient();
const { id: projectId } = await rill.createProject({ name: 'Scratch' });
const { id: chatId } = await rill.createChat({ projectId });
for await (const event of rill.sendMessageStream({ projectId, chatId, content: 'Hello' })) {
  if (event.type !== 'frame') continue;
  document.querySelector('main').textContent = event.view.content;
  document.title = event.view.status;
}
`;

test('a page that vite bundles with it streams an answer', async ({ page: tab, rill }) => {
  writeFileSync(join(project, 'page.js'), page);
  writeFileSync(join(project, 'index.html'), '<main></main><script type="module" src="./page.js"></script>');
  await build({
    root: project,
    configFile: false,
    logLevel: 'warn',
    base: '/scratch/',
    build: { target: 'es2022', modulePreload: false },
  });
  // A server delivers the built page on Rill's own origin.
  await tab.route(`${rill.url}/scratch/**`, (route) => {
    const path = new URL(route.request().url()).pathname.replace('/scratch/', '') || 'index.html';
    return route.fulfill({ path: join(project, 'dist', path) });
  });
  await tab.goto('/scratch/');
  await expect(tab).toHaveTitle('completed');
  expect((await tab.locator('main').innerText()).length).toBeGreaterThan(20);
});
