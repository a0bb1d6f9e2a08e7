/** Tests rules about the whole repository that linters cannot check. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type RepositoryFile, readRepositoryFiles, withoutComments } from './repositoryFiles.ts';
import { inRepository } from './repositoryRoot.ts';

const files = readRepositoryFiles();
const textOf = (path: string): string => files.find((file) => file.path === path)?.text ?? '';
const code = files.filter(
  ({ path }) => /\.(ts|js|svelte|html)$/.test(path) && path !== 'scripts/repository.test.ts',
);
const isTest = (path: string): boolean =>
  /\.(test|spec)\.ts$|^[^/]+\/test\/|^e2e\/|(Contract|TestBench)\.ts$/.test(path);
const product = code.filter(
  ({ path }) => /^(protocol|simulator|client|backend|frontend)\/src\//.test(path) && !isTest(path),
);

/** `path:line` of every match in the code, without comments. */
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

test('no test waits for time to pass', () => {
  const pattern = /(?<!\btest\.)\b(setTimeout|setInterval|waitForTimeout|sleep)\s*\(|from 'node:timers'/;
  // Measuring programs are not tests, and Playwright's `test.setTimeout` only limits how long a test may take.
  const isMeasured = (path: string) => /\/measure\w+\.ts$/.test(path);
  const found = findInCode(
    code.filter(({ path }) => /\.(test|spec)\.ts$|^[^/]+\/test\//.test(path) && !isMeasured(path)),
    pattern,
  );
  expect(found).toEqual([]);
});

test('no test is skipped, focused or marked as todo', () => {
  const pattern =
    /\b(test|it|describe|suite)(\.\w+)*\.(only|skip|todo|fixme|skipIf|runIf|fails)\b|\b(xit|xtest|xdescribe|fit|fdescribe)\(/;
  expect(findInCode(code, pattern)).toEqual([]);
});

test('no file has a conflict marker', () => {
  const unfinished = files.filter(({ text }) => /^(<{7}|>{7}) /m.test(text));
  expect(unfinished.map(({ path }) => path)).toEqual([]);
});

test('no file contains a path of one machine', () => {
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
  // Whether the page comes from the development server is not a setting: a build replaces it by `false`.
  const allowed = /^(backend\/src\/config|frontend\/src\/main)\.ts:/;
  expect(readers.filter((line) => !allowed.test(line))).toEqual([]);
});

test('only the engines, their event logs and the code that chooses one know which database it is', () => {
  const knows =
    /^backend\/src\/((database|log)\/(sqlite|postgres)\/|log\/sqliteEventLog\.ts$|(app|openStorage)\.ts$)/;
  const stages = inFolders('backend').filter(({ path }) => !knows.test(path));
  const named = stages.filter(({ text }) => /sqlite|\bjson_each\b|\browid\b|\bPRAGMA\b/i.test(text));
  expect(named.map(({ path }) => path)).toEqual([]);
});

test('only the client package calls fetch', () => {
  const calls = findInCode(
    inFolders('protocol', 'backend', 'frontend'),
    /(?<![\w.])fetch\s*\(|\b(window|globalThis|self)\.fetch\b|\b(XMLHttpRequest|EventSource|sendBeacon)\b/,
  );
  expect(calls).toEqual([]);
});

test('runes are used only in .svelte and .svelte.ts', () => {
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

test('every file of code has a unique name', () => {
  /** Names that a tool or a package requires. */
  const isFixed = /^(index|main|[\w.-]+\.config)\.ts$/;
  const names = code.map(({ path }) => path.split('/').at(-1) ?? '').filter((name) => !isFixed.test(name));
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test('no folder has more than sixteen files of code, not counting tests', () => {
  const counts = new Map<string, number>();
  for (const { path } of code.filter((file) => !isTest(file.path))) {
    const folder = path.slice(0, path.lastIndexOf('/'));
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  expect([...counts].filter(([, count]) => count > 16)).toEqual([]);
});

test('no file of code or style is longer than four hundred lines', () => {
  const styled = files.filter(({ path }) => path.endsWith('.css'));
  const long = [...code, ...styled].filter(({ text }) => text.trimEnd().split('\n').length > 400);
  expect(long.map(({ path }) => path)).toEqual([]);
});

test('no module of the product has mutable state', () => {
  const variable = /^(export )?let\b/;
  const empty = /^(export )?const \w+(: [^=]+)? = (new (Weak)?(Map|Set)(<.*>)?\(\)|\[\]);/;
  expect([...findInCode(product, variable), ...findInCode(product, empty)]).toEqual([]);
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
 * ARCHITECTURE.md names each stage by its folder, as `backend/src/log/` or `frontend/src/lib/view/`, with a final
 * slash. Only such names are read; a file inside a stage may follow the slash.
 */
test.each(['backend/src', 'frontend/src/lib'])(
  'ARCHITECTURE.md names every stage of %s and none that does not exist',
  (parent) => {
    const text = textOf('ARCHITECTURE.md');
    const named = [...text.matchAll(new RegExp(`${parent}/([\\w-]+)/`, 'g'))].map(([, stage]) => stage);
    const present = readdirSync(inRepository(parent), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    expect([...new Set(named)].sort()).toEqual(present.map(({ name }) => name).sort());
  },
);

/** The sections of "The life of one answer": a heading each, and the lines below it. */
const stages = (
  textOf('ARCHITECTURE.md')
    .split(/^## /m)
    .find((part) => part.startsWith('The life of')) ?? ''
)
  .split(/^### /m)
  .slice(1)
  .map((section) => section.split('\n'));

/** Rows of ARCHITECTURE.md's table of invariants: the file of a test, and its name. */
const namedTests = [
  ...textOf('ARCHITECTURE.md').matchAll(/`([^`]+\.(?:test|spec|Contract)\.ts|[^`]+Contract\.ts) › ([^`]+)`/g),
].map(([, path = '', name = '']) => ({ path, name }));

test('ARCHITECTURE.md names only tests that exist', () => {
  expect(namedTests.length).toBeGreaterThan(30);
  const missing = namedTests.filter(({ path, name }) => !textOf(path).includes(name));
  expect(missing).toEqual([]);
});

test('ARCHITECTURE.md numbers the stages from 1 without gaps', () => {
  const numbers = stages.flatMap(([heading = '']) => /^(\d+)\. `/.exec(heading)?.[1] ?? []);
  expect(numbers.length).toBeGreaterThan(0);
  expect(numbers).toEqual(numbers.map((_, index) => String(index + 1)));
});

test.each(stages.map(([heading = '', ...lines]) => ({ heading, lines })))(
  'ARCHITECTURE.md gives $heading one invariant and one failure exit',
  ({ lines }) => {
    const labels = lines.flatMap((line) => /^\*(Invariant|Failure exit):\* \S/.exec(line)?.[1] ?? []);
    expect(labels).toEqual(['Invariant', 'Failure exit']);
  },
);

test('the decision records name every dependency, and none that was removed', () => {
  const manifests = files.filter(({ path }) => /^([^/]+\/)?package\.json$/.test(path));
  const wanted = manifests.flatMap(({ text }) => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(text);
    return Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
  });
  const records = files.filter(({ path }) => /^docs\/decisions\/\d{4}-.*\.md$/.test(path));
  const named = records.flatMap(({ text }) => {
    const [, table = ''] = text.split('| package | for | instead of |\n| --- | --- | --- |\n');
    return [...table.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, names = '']) => names.split(', '));
  });
  const ours = /^@rill\//;
  expect(named.sort()).toEqual([...new Set(wanted)].filter((name) => !ours.test(name)).sort());
});

test('every export of protocol has a doc block; a type shares that of the schema with its name', () => {
  const declaration = /^export (?:abstract )?(?:const|function|class|interface|type) (\w+)/;
  const bare = inFolders('protocol').flatMap(({ path, text }) => {
    const lines = text.split('\n');
    const named = new Set<string>();
    return lines.flatMap((line, index) => {
      const name = declaration.exec(line)?.[1];
      if (name === undefined) return [];
      const hasOwn = lines[index - 1]?.trimEnd().endsWith('*/') ?? false;
      const isTypeOfSchema = line.startsWith(`export type ${name} = Static<`) && named.has(name);
      named.add(name);
      return hasOwn || isTypeOfSchema ? [] : [`${path}: ${name}`];
    });
  });
  expect(bare).toEqual([]);
});
