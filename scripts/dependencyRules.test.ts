/** Tests that the import rules refuse what they forbid, also for types inside .svelte files. */
import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inRepository } from './repositoryRoot.ts';

const packages = ['protocol', 'simulator', 'client', 'frontend', 'backend', 'bench'];
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rill-rules-'));
  cpSync(inRepository('tsconfig.json'), join(root, 'tsconfig.json'));
  mkdirSync(join(root, 'node_modules/@rill'), { recursive: true });
  for (const name of packages) {
    mkdirSync(join(root, name, 'src'), { recursive: true });
    cpSync(inRepository(name, 'package.json'), join(root, name, 'package.json'));
    symlinkSync(join(root, name), join(root, 'node_modules/@rill', name));
  }
});
afterEach(() => rmSync(root, { recursive: true }));

/** The path of an importing file, the specifier, and the rule that refuses it (undefined: allowed). */
const plantedImports: [from: string, specifier: string, rule: string | undefined][] = [
  ['protocol/src/planted.ts', '@rill/client/source', 'package-protocol'],
  ['protocol/src/planted.ts', 'node:fs', 'protocol-is-pure'],
  ['protocol/src/planted.test.ts', 'node:fs', undefined],
  ['simulator/src/planted.ts', '@rill/protocol', 'package-simulator'],
  ['client/src/planted.ts', '@rill/protocol', undefined],
  ['client/src/planted.ts', '@rill/simulator', 'package-client'],
  ['client/src/http/planted.ts', '../connection/connectionLoop.ts', 'client-http'],
  ['client/src/connection/planted.ts', '../http/request.ts', undefined],
  ['client/src/planted.ts', 'undici', 'no-undeclared-package'],
  ['frontend/src/planted.ts', '@rill/client/source', undefined],
  ['frontend/src/planted.ts', '../../backend/src/log/target.ts', 'package-frontend'],
  ['backend/src/app.ts', '@rill/client/source', 'package-backend'],
  ['backend/test/planted.ts', '@rill/client/source', 'package-backend'],
  ['backend/test/planted.ts', '@rill/simulator', undefined],
  ['backend/src/main.ts', '@rill/simulator', undefined],
  ['backend/src/main.ts', './log/target.ts', 'main-only-starts'],
  ['backend/src/app.ts', '@rill/simulator', 'simulator-only-in-main'],
  ['backend/src/llm/planted.test.ts', '@rill/simulator', undefined],
  ['backend/src/llm/planted.ts', '../log/target.ts', 'stage-llm'],
  ['backend/src/llm/planted.ts', '../clock.ts', undefined],
  ['backend/src/llm/planted.ts', '@rill/protocol', undefined],
  ['backend/src/log/planted.ts', '../database/target.ts', undefined],
  ['backend/src/log/planted.ts', '../store/target.ts', 'stage-log'],
  ['backend/src/database/planted.ts', '../log/target.ts', 'stage-database'],
  ['backend/src/context/planted.ts', '../database/target.ts', 'stage-context'],
  ['backend/src/store/planted.ts', '../database/target.ts', undefined],
  ['backend/src/store/planted.ts', '../database/sqlite/target.ts', 'engine-behind-its-port'],
  ['backend/src/store/planted.test.ts', '../database/sqlite/target.ts', undefined],
  ['backend/src/database/planted.ts', './sqlite/target.ts', 'engine-behind-its-port'],
  ['backend/src/runs/planted.ts', '../log/sqliteEventLog.ts', 'engine-behind-its-port'],
  ['backend/src/app.ts', './database/sqlite/target.ts', undefined],
  ['backend/src/store/planted.ts', '../runs/target.ts', 'stage-store'],
  ['backend/src/runs/planted.ts', '../context/target.ts', undefined],
  ['backend/src/runs/planted.ts', '../api/target.ts', 'stage-runs'],
  ['backend/src/log/planted.ts', '../delivery/target.ts', 'stage-log'],
  ['backend/src/delivery/planted.ts', '../log/target.ts', undefined],
  ['backend/src/delivery/planted.ts', '../store/target.ts', 'stage-delivery'],
  ['backend/src/delivery/planted.ts', '../runs/target.ts', 'stage-delivery'],
  ['backend/src/runs/planted.ts', '../delivery/target.ts', undefined],
  ['backend/src/api/planted.ts', '../runs/target.ts', undefined],
  ['backend/src/api/planted.ts', '../delivery/target.ts', undefined],
  ['backend/src/api/planted.ts', '../log/target.ts', 'stage-api'],
  ['backend/src/api/planted.ts', '../llm/target.ts', 'stage-api'],
  ['backend/src/api/planted.ts', '../config.ts', 'config-only-as-type'],
  ['backend/src/runs/planted.ts', '../app.ts', 'nothing-imports-app'],
  ['backend/src/runs/planted.ts', '../log/target.test.ts', 'no-test-in-product'],
  ['backend/src/extras/planted.ts', '@rill/protocol', 'known-backend-stage'],
  ['frontend/src/lib/extras/planted.ts', '@rill/protocol', 'known-frontend-stage'],
  ['frontend/src/lib/chat/planted.ts', '@rill/client/source', undefined],
  ['frontend/src/lib/chat/planted.ts', '../view/target.ts', 'stage-chat'],
  ['frontend/src/lib/markdown/planted.ts', '@rill/protocol', 'stage-markdown'],
  ['frontend/src/lib/markdown/planted.ts', './dom/markdownView.ts', 'markdown-without-dom'],
  ['frontend/src/lib/markdown/tree/planted.ts', '../grammar/limits.ts', undefined],
  ['frontend/src/lib/markdown/tree/planted.ts', '../stream/blocks.ts', 'markdown-tree'],
  ['frontend/src/lib/view/planted.ts', '../chat/target.ts', undefined],
  ['frontend/src/lib/view/planted.ts', '@rill/client/source', 'stage-view'],
  ['frontend/src/lib/view/planted.ts', '@rill/protocol', undefined],
  ['frontend/src/lib/view/planted.svelte', '../markdown/target.ts', undefined],
  ['frontend/src/lib/view/planted.svelte', '@rill/client/source', 'stage-view'],
  ['frontend/src/planted.ts', './missing.ts', 'not-resolvable'],
  ['bench/src/planted.ts', '../../backend/src/log/target.ts', undefined],
  ['bench/src/planted.ts', '@rill/client/source', 'package-bench'],
];

test('every planted import is refused by its own rule', async () => {
  const targets = plantedImports.map(([from, specifier]) => join(dirname(from), specifier));
  const real = targets.filter(
    (path) => !path.includes('@rill') && !path.includes('missing') && path.endsWith('.ts'),
  );
  write('node_modules/undici/package.json', '{ "name": "undici", "main": "index.js" }');
  write('node_modules/undici/index.js', '');
  for (const path of [...packages.map((name) => `${name}/src/index.ts`), 'backend/src/app.ts', ...real])
    write(path, '');
  const planted = new Map<string, { specifier: string; rule: string | undefined; path: string }>();
  for (const [index, [from, specifier, rule]] of plantedImports.entries()) {
    // A file keeps its name if a rule mentions it; every other case gets its own file.
    const path = from.replace('planted', `planted${index}`);
    append(path, importLine(path, `{ value${index} }`, specifier));
    planted.set(`${path} ${specifier}`, { specifier, rule, path });
  }
  const found = await cruise();
  for (const [key, { specifier, rule, path }] of planted) {
    const rules = found.filter(
      (violation) => violation.from === path && violation.specifier === specifier.replace('node:', ''),
    );
    expect(
      rules.map(({ name }) => name),
      key,
    ).toEqual(rule === undefined ? [] : expect.arrayContaining([rule]));
  }
});

test('a type of another stage counts as an import, and a cycle through types counts too', {
  timeout: 60_000,
}, async () => {
  write(
    'backend/src/log/target.ts',
    "import type { Writer } from '../llm/writer.ts';\nexport type Log = Writer;\n",
  );
  write(
    'backend/src/llm/writer.ts',
    "import type { Log } from '../log/target.ts';\nexport type Writer = Log;\n",
  );
  const names = (await cruise()).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['stage-log', 'stage-llm', 'no-cycle']));
});

test('settings may be named as a type by the route layer', async () => {
  write('backend/src/config.ts', 'export interface Config { port: number }\n');
  write(
    'backend/src/api/server.ts',
    "import type { Config } from '../config.ts';\nexport type Port = Config['port'];\n",
  );
  expect(await cruise()).toEqual([]);
});

test('types imported inside .svelte files follow the rules too', { timeout: 60_000 }, async () => {
  // The Svelte compiler removes type imports, so the rules run on the scripts alone. No component imports a test.
  const filter = (path: string) => !path.endsWith('.test.ts');
  for (const name of packages)
    cpSync(inRepository(name, 'src'), join(root, name, 'src'), { recursive: true, filter });
  const components = readdirSync(join(root, 'frontend/src'), { recursive: true, encoding: 'utf8' });
  for (const path of components.filter((name) => name.endsWith('.svelte'))) {
    const file = join(root, 'frontend/src', path);
    const scripts = [...readFileSync(file, 'utf8').matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)];
    writeFileSync(`${file}.ts`, scripts.map(([, script]) => script).join('\n'));
    rmSync(file);
  }
  const violations = await cruise();
  const relevant = violations.filter(
    ({ from, name }) => from.endsWith('.svelte.ts') && name !== 'not-resolvable',
  );
  expect(relevant).toEqual([]);
});

const importLine = (path: string, names: string, specifier: string): string => {
  const line = `import ${names} from '${specifier}';\nvoid ${names.slice(2, -2)};\n`;
  return path.endsWith('.svelte') ? `<script lang="ts">\n${line}</script>\n` : line;
};

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function append(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text, { flag: 'a' });
}

interface Violation {
  name: string;
  from: string;
  specifier: string;
}

interface CruiseReport {
  modules: { source: string; dependencies: { module: string; rules?: { name: string }[] }[] }[];
}

async function cruise(): Promise<Violation[]> {
  const cli = inRepository('node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const words = [
    cli,
    '--config',
    inRepository('.dependency-cruiser.js'),
    '--output-type',
    'json',
    ...packages,
  ];
  const report = await new Promise<CruiseReport>((resolve, reject) => {
    const options = { cwd: root, maxBuffer: 256 * 1024 * 1024 };
    execFile(process.execPath, words, options, (_error, stdout, stderr) => {
      // The exit code counts violations, so only an unreadable report is an error.
      try {
        resolve(JSON.parse(stdout));
      } catch {
        reject(new Error(`dependency-cruiser left no report: ${stderr}`));
      }
    });
  });
  return report.modules.flatMap(({ source, dependencies }) =>
    dependencies.flatMap(({ module, rules = [] }) =>
      rules.map(({ name }) => ({ name, from: source, specifier: module })),
    ),
  );
}
