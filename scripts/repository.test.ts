/** Rules about the whole repository that no linter knows. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type RepositoryFile, readRepositoryFiles, withoutComments } from './repositoryFiles.ts';
import { inRepository } from './repositoryRoot.ts';

const files = readRepositoryFiles();
const code = files.filter(
  ({ path }) => /\.(ts|js|svelte|html)$/.test(path) && path !== 'scripts/repository.test.ts',
);
const isTest = (path: string): boolean =>
  /\.(test|spec)\.ts$|^[^/]+\/test\/|^e2e\/|(Contract|TestBench)\.ts$/.test(path);
const product = code.filter(
  ({ path }) => /^(protocol|simulator|client|backend|frontend)\/src\//.test(path) && !isTest(path),
);

/** `path:line` of every match in the code, comments left out. */
function findInCode(where: RepositoryFile[], pattern: RegExp): string[] {
  return where.flatMap(({ path, text }) =>
    withoutComments(text)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}`] : [])),
  );
}

const inFolders = (...folders: string[]): RepositoryFile[] =>
  product.filter(({ path }) => folders.some((folder) => path.startsWith(`${folder}/`)));

test('no text of a model can become HTML: no {@html}, no innerHTML and its like', () => {
  const pattern =
    /\{@html|\b(innerHTML|outerHTML|insertAdjacentHTML|setHTMLUnsafe|createContextualFragment)\b|document\.write/;
  expect(findInCode(inFolders('frontend'), pattern)).toEqual([]);
});

test('no test is skipped, singled out or left to do', () => {
  const pattern =
    /\b(test|it|describe|suite)(\.\w+)*\.(only|skip|todo|fixme|skipIf|runIf|fails)\b|\b(xit|xtest|xdescribe|fit|fdescribe)\(/;
  expect(findInCode(code, pattern)).toEqual([]);
});

test('no path of one machine is written down', () => {
  const pattern = /(?<![\w.~*-])\/(work|root|home|Users)\/[\w.-]/;
  const found = files.filter(
    ({ path }) => path !== 'scripts/repository.test.ts' && !path.includes('/fixtures/'),
  );
  const lines = found.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}`] : [])),
  );
  expect(lines).toEqual([]);
});

test('nothing is imported from outside the repository', () => {
  const outside = code.flatMap(({ path, text }) => {
    const depth = path.split('/').length - 1;
    const specifiers = [...withoutComments(text).matchAll(/(?:from|import|import\()\s*['"]((?:\.\.\/)+)/g)];
    return specifiers
      .filter(([, climb = '']) => climb.length / 3 > depth)
      .map(([specifier]) => `${path}: ${specifier}`);
  });
  expect(outside).toEqual([]);
});

test('only config.ts reads the environment of the server', () => {
  const readers = findInCode(product, /\bprocess\.env\b|\bimport\.meta\.env\b/);
  expect(readers.filter((line) => !line.startsWith('backend/src/config.ts:'))).toEqual([]);
});

test('only the client package calls fetch', () => {
  const calls = findInCode(
    inFolders('protocol', 'backend', 'frontend'),
    /(?<![\w.])fetch\s*\(|\b(window|globalThis|self)\.fetch\b|\b(XMLHttpRequest|EventSource|sendBeacon)\b/,
  );
  expect(calls).toEqual([]);
});

test('runes stand only in .svelte and .svelte.ts', () => {
  const plain = inFolders('frontend').filter(({ path }) => /(?<!\.svelte)\.ts$/.test(path));
  expect(findInCode(plain, /(?<![\w.])\$(state|derived|effect|props|bindable|inspect)\b/)).toEqual([]);
});

test('the only barrel file is the index.ts of a package', () => {
  const barrels = code.filter(({ path, text }) => {
    if (/^[^/]+\/src\/index\.ts$/.test(path) || !path.endsWith('.ts')) return false;
    const rest = withoutComments(text).replaceAll(
      /export (type )?(\*|\{[^}]*\})( as \w+)? from '[^']+';/g,
      '',
    );
    return /\/index\.ts$/.test(path) || rest.trim() === '';
  });
  expect(barrels.map(({ path }) => path)).toEqual([]);
});

test('the product writes no console lines', () => {
  expect(findInCode(product, /\bconsole\.\w+/)).toEqual([]);
});

test('comments are blanked and lines keep their numbers', () => {
  const text = "a(); // fetch(1)\n/* fetch(2)\n*/ fetch('http://x');\n<!-- fetch(3) -->";
  expect(
    withoutComments(text)
      .split('\n')
      .map((line) => line.trim()),
  ).toEqual(['a();', '', "fetch('http://x');", '']);
  expect(findInCode([{ path: 'a.ts', text }], /fetch/)).toEqual(['a.ts:3']);
});

/**
 * ARCHITECTURE.md names each stage by its folder, as `backend/src/log/` or `frontend/src/lib/view/`, with the slash at
 * the end. Only such names are read; a file inside a stage may follow the slash.
 */
test.each(['backend/src', 'frontend/src/lib'])(
  'ARCHITECTURE.md names every stage of %s and none that is gone',
  (parent) => {
    const text = files.find(({ path }) => path === 'ARCHITECTURE.md')?.text ?? '';
    const named = [...text.matchAll(new RegExp(`${parent}/([\\w-]+)/`, 'g'))].map(([, stage]) => stage);
    const present = readdirSync(inRepository(parent), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    expect([...new Set(named)].sort()).toEqual(present.map(({ name }) => name).sort());
  },
);
