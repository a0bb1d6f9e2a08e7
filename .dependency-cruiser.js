/**
 * Who may import whom: the packages, the backend's stages and the page's stages, as ARCHITECTURE.md draws them.
 * Each table below says what a folder may import of ours besides itself; everything else is an error.
 */

const packages = {
  protocol: [],
  simulator: [],
  client: ['protocol'],
  cli: ['client', 'protocol', 'backend', 'simulator'],
  frontend: ['client', 'protocol'],
  backend: ['protocol', 'simulator'],
  e2e: ['protocol', 'simulator', 'client', 'backend'],
  faults: ['protocol', 'simulator', 'client', 'backend'],
  bench: ['protocol', 'backend', 'frontend', 'e2e', 'scripts'],
  scripts: ['e2e', 'backend'],
};

const backendStages = {
  database: [],
  context: [],
  llm: [],
  log: ['database'],
  store: ['database'],
  files: ['database', 'store', 'context'],
  nodes: [],
  delivery: ['database', 'log'],
  hints: [],
  runs: ['database', 'context', 'files', 'llm', 'log', 'nodes', 'store', 'delivery', 'hints'],
  imports: ['database', 'store', 'files'],
  archive: ['database', 'store', 'files', 'imports'],
  api: ['runs', 'delivery', 'store', 'files', 'imports', 'archive'],
};

const frontendStages = {
  chat: ['client', 'protocol'],
  markdown: [],
  view: ['chat', 'markdown', 'protocol'],
};

/** The client's rooms, from the wire up; each may import the clock too, and `tabs` the client. */
const clientRooms = {
  http: [],
  connection: ['http'],
  tabs: ['connection'],
};

/** The folders of the markdown engine, from the grammar up. */
const markdownRooms = {
  grammar: [],
  tree: ['grammar'],
  stream: ['grammar', 'tree'],
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
  comment: `backend/src/${stage}/ may import ${['protocol', 'clock.ts', 'tooManyFiles.ts', 'version.ts', ...allowed].join(', ')}`,
  severity: 'error',
  from: { path: `^backend/src/${stage}/`, pathNot: tests },
  to: {
    path: `^${ours}/`,
    pathNot: [
      '^protocol/',
      '^backend/src/(clock|tooManyFiles|version)[.]ts$',
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
    ],
  },
}));

const markdownRoomRules = [
  ...Object.entries(markdownRooms).map(([room, allowed]) => ({
    name: `markdown-${room}`,
    comment: `frontend/src/lib/markdown/${room}/ may import ${allowed.join(', ') || 'none of the others'}`,
    severity: 'error',
    from: { path: `^frontend/src/lib/markdown/${room}/`, pathNot: tests },
    to: {
      path: '^frontend/src/lib/markdown/',
      pathNot: `^frontend/src/lib/markdown/${anyOf([room, ...allowed])}/`,
    },
  })),
  {
    name: 'markdown-without-dom',
    comment: 'The engine knows no DOM: only markdown/dom/ draws',
    severity: 'error',
    from: { path: '^frontend/src/lib/markdown/[^/]+$', pathNot: tests },
    to: { path: '^frontend/src/lib/markdown/dom/' },
  },
];

const clientRoomRules = Object.entries(clientRooms).map(([room, allowed]) => ({
  name: `client-${room}`,
  comment: `client/src/${room}/ may import ${['protocol', 'clientClock.ts', ...allowed].join(', ')}`,
  severity: 'error',
  from: { path: `^client/src/${room}/`, pathNot: tests },
  to: {
    path: '^client/',
    pathNot: [
      '^client/src/clientClock[.]ts$',
      `^client/src/${anyOf([room, ...allowed])}/`,
      ...(room === 'tabs' ? ['^client/src/rillClient[.]ts$'] : []),
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
      comment:
        "the package is not in this folder's package.json; bench measures with what the tree has installed",
      severity: 'error',
      from: {
        path: `^${anyOf(Object.keys(packages).filter((name) => name !== 'bench'))}/src/`,
        pathNot: tests,
      },
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
      comment:
        'product code does not import tests or their helpers; bench measures the texts that tests draw, faults starts the programs that they start',
      severity: 'error',
      from: { path: '^[^/]+/src/', pathNot: ['^(bench|faults)/', tests] },
      to: { path: tests },
    },
    ...backendStageRules,
    {
      name: 'engine-behind-its-port',
      comment:
        'stages know database/database.ts; only what chooses the engine, and its own event log, know which it is',
      severity: 'error',
      from: {
        path: '^backend/src/',
        pathNot: [
          '^backend/src/(database|log)/(sqlite|postgres)/',
          '^backend/src/(app|openStorage|log/sqliteEventLog)[.]ts$',
          tests,
        ],
      },
      to: { path: '^backend/src/((database|log)/(sqlite|postgres)/|log/sqliteEventLog[.]ts$)' },
    },
    ...markdownRoomRules,
    ...clientRoomRules,
    ...frontendStageRules,
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
        'main.ts is the process: it imports app, config, what app is handed (clock, logger, newId, version), stopSignals, tooManyFiles and the simulator',
      severity: 'error',
      from: { path: '^backend/src/main[.]ts$' },
      to: {
        path: `^${ours}/`,
        pathNot: [
          '^backend/src/(app|config|logger|clock|newId|stopSignals|tooManyFiles|version)[.]ts$',
          '^backend/src/nodes/sharedClock[.]ts$',
          '^simulator/',
        ],
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
    // What `bench` compares with is installed when it is measured (`bench/package.json`), not by `npm ci`.
    exclude: {
      path: [
        '/(dist|[.]builds)/',
        '^bench/src/[^/]+/peers/',
        '^bench/src/support/drawSvg[.]ts$',
        '^(?!.*node_modules).*/fixtures/',
      ],
    },
    extraExtensionsToScan: ['.json', '.css'],
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['svelte', 'types', 'import', 'node', 'default'],
      mainFields: ['svelte', 'module', 'main', 'types'],
      extensions: ['.ts', '.svelte', '.js', '.json'],
    },
  },
};
