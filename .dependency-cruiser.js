/**
 * Who may import whom: the packages, the backend's stages and the page's stages, as ARCHITECTURE.md draws them.
 * Each table below says what a folder may import of ours besides itself; everything else is an error.
 */

const packages = {
  protocol: [],
  simulator: [],
  client: ['protocol'],
  frontend: ['client', 'protocol'],
  backend: ['protocol', 'simulator'],
  e2e: ['protocol', 'simulator', 'client', 'backend'],
  faults: ['protocol', 'simulator', 'client'],
  bench: ['protocol', 'backend', 'frontend', 'e2e', 'scripts'],
  scripts: ['e2e', 'backend'],
};

const backendStages = {
  database: [],
  context: [],
  llm: [],
  log: ['database'],
  store: ['database'],
  feed: ['log'],
  runs: ['database', 'context', 'llm', 'log', 'store', 'feed'],
  sse: ['log'],
  api: ['runs', 'sse', 'store', 'feed'],
};

const frontendStages = {
  chat: ['client', 'protocol'],
  markdown: [],
  // Besides, view may name the types of protocol: the shape of what it draws, never its behaviour.
  view: ['chat', 'markdown'],
};

const anyOf = (names) => `(${names.join('|')})`;
const ours = anyOf(Object.keys(packages));
// Tests and what only tests import: contract suites, test benches, the folder test/.
const tests = '([.]test|Contract|TestBench)[.]ts$|^[^/]+/test/';

const packageRules = Object.entries(packages).map(([name, allowed]) => ({
  name: `package-${name}`,
  comment: `${name}/ may import ${allowed.join(', ') || 'nothing'} of ours`,
  severity: 'error',
  from: { path: `^${name}/` },
  to: { path: `^${ours}/`, pathNot: `^${anyOf([name, ...allowed])}/` },
}));

const backendStageRules = Object.entries(backendStages).map(([stage, allowed]) => ({
  name: `stage-${stage}`,
  comment: `backend/src/${stage}/ may import ${['protocol', 'clock.ts', ...allowed].join(', ')}`,
  severity: 'error',
  from: { path: `^backend/src/${stage}/`, pathNot: tests },
  to: {
    path: `^${ours}/`,
    pathNot: [
      '^protocol/',
      '^backend/src/clock[.]ts$',
      `^backend/src/${anyOf([stage, ...allowed])}/`,
      // The route layer may name the settings' types; the values are handed to it by app.ts.
      ...(stage === 'api' ? ['^backend/src/config[.]ts$'] : []),
    ],
  },
}));

const frontendStageRules = Object.entries(frontendStages).map(([stage, allowed]) => ({
  name: `stage-${stage}`,
  comment: `frontend/src/lib/${stage}/ may import ${allowed.join(', ') || 'nothing'} of ours`,
  severity: 'error',
  from: { path: `^frontend/src/lib/${stage}/`, pathNot: tests },
  to: {
    path: `^${ours}/`,
    pathNot: [
      ...[...allowed, stage].map((name) => (name in packages ? `^${name}/` : `^frontend/src/lib/${name}/`)),
      ...(stage === 'view' ? ['^protocol/'] : []),
    ],
  },
}));

export default {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'two files that need each other are one file, or the data flows the wrong way',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'not-resolvable',
      comment: 'the import leads nowhere',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-undeclared-package',
      comment: "the package is not in this folder's package.json",
      severity: 'error',
      from: { path: `^${anyOf(Object.keys(packages))}/src/`, pathNot: tests },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'server-without-dev-dependencies',
      comment: 'the server runs where development dependencies are not installed',
      severity: 'error',
      from: { path: '^(backend|protocol|simulator)/src/', pathNot: tests },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only', 'npm'], pathNot: '/@types/' },
    },
    ...packageRules,
    {
      name: 'protocol-is-pure',
      comment: 'protocol/ uses typebox and eventsource-parser, nothing that does I/O',
      severity: 'error',
      from: { path: '^protocol/src/', pathNot: tests },
      to: { pathNot: ['^protocol/', 'node_modules/(typebox|eventsource-parser)/'] },
    },
    {
      name: 'simulator-only-in-main',
      comment: "the demo mode of main.ts and the backend's tests use the simulator, no stage does",
      severity: 'error',
      from: { path: '^backend/', pathNot: ['^backend/src/main[.]ts$', tests] },
      to: { path: '^simulator/' },
    },
    {
      name: 'no-test-in-product',
      comment: 'product code does not import tests or their helpers',
      severity: 'error',
      from: { path: '^[^/]+/src/', pathNot: tests },
      to: { path: tests },
    },
    ...backendStageRules,
    ...frontendStageRules,
    {
      name: 'view-knows-protocol-by-type',
      comment: 'what view does with protocol goes through chat',
      severity: 'error',
      from: { path: '^frontend/src/lib/view/', pathNot: tests },
      to: { path: '^protocol/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'config-only-as-type',
      comment: 'settings are read once, by main.ts, and handed on',
      severity: 'error',
      from: { path: '^backend/src/', pathNot: ['^backend/src/(main|app)[.]ts$', tests] },
      to: { path: '^backend/src/config[.]ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'main-only-starts',
      comment:
        'main.ts is the process: it imports app, config, what app is handed (clock, logger, version) and the simulator',
      severity: 'error',
      from: { path: '^backend/src/main[.]ts$' },
      to: {
        path: `^${ours}/`,
        pathNot: ['^backend/src/(app|config|logger|clock|version)[.]ts$', '^simulator/'],
      },
    },
    {
      name: 'nothing-imports-app',
      comment: 'app.ts joins the stages; only main.ts and tests start it',
      severity: 'error',
      from: { path: '^backend/src/', pathNot: ['^backend/src/main[.]ts$', tests] },
      to: { path: '^backend/src/(app|main)[.]ts$' },
    },
    {
      name: 'known-backend-stage',
      comment: 'a new folder under backend/src needs its line in the table of .dependency-cruiser.js',
      severity: 'error',
      from: { path: `^backend/src/(?!${anyOf(Object.keys(backendStages))}/)[^/]+/` },
      to: {},
    },
    {
      name: 'known-frontend-stage',
      comment: 'a new folder under frontend/src/lib needs its line in the table of .dependency-cruiser.js',
      severity: 'error',
      from: { path: `^frontend/src/lib/(?!${anyOf(Object.keys(frontendStages))}/)[^/]+/` },
      to: {},
    },
  ],
  options: {
    // Types count: a stage that names another stage's type depends on it.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: ['node_modules'] },
    exclude: { path: ['/dist/', '^(?!.*node_modules).*/fixtures/'] },
    extraExtensionsToScan: ['.json', '.css'],
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['svelte', 'types', 'import', 'node', 'default'],
      mainFields: ['svelte', 'module', 'main', 'types'],
      extensions: ['.ts', '.svelte', '.js', '.json'],
    },
  },
};
