/**
 * Four projects: `unit` (Node), `unit-postgres` (tests of the API again, on Postgres), `unit-frontend` (Node, with runes
 * compiled) and `browser` (components in a real Chromium).
 */
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { hasPostgres } from './backend/test/postgres/postgresServer.ts';
import { chromiumFlags } from './e2e/support/chromiumFlags.ts';

/** Tests of the API that say nothing of SQLite. */
const testsOnPostgres = [
  'createChat',
  'drafts',
  'firstMessage',
  'queue',
  'resumeLive',
  'search',
  'sendFromCursor',
  'sendOnce',
  'files/fileSends',
];

const executablePath = process.env.CHROMIUM_PATH;
// Tests wait for events, never for time; these only bound a hang, also on a machine busy with other work. A project does
// not inherit them.
const timeouts = { testTimeout: 30_000, hookTimeout: 30_000, expect: { poll: { timeout: 10_000 } } };
const launchOptions = { args: chromiumFlags, ...(executablePath ? { executablePath } : {}) };

export default defineConfig({
  test: {
    allowOnly: false,
    ...timeouts,
    maxWorkers: Math.min(4, availableParallelism()),
    restoreMocks: true,
    unstubGlobals: true,
    projects: [
      {
        test: {
          name: 'unit',
          ...timeouts,
          environment: 'node',
          globalSetup: ['backend/test/postgres/sharedPostgres.ts'],
          include: [
            '{protocol,simulator,client,cli,faults,bench}/{src,test}/**/*.test.ts',
            'backend/{src,test}/**/*.test.ts',
            'scripts/**/*.test.ts',
            'e2e/support/**/*.test.ts',
          ],
        },
      },
      {
        test: {
          name: 'unit-postgres',
          ...timeouts,
          environment: 'node',
          env: { RILL_TEST_DATABASE: 'postgres' },
          globalSetup: ['backend/test/postgres/sharedPostgres.ts'],
          include: hasPostgres ? testsOnPostgres.map((name) => `backend/test/${name}.test.ts`) : [],
        },
      },
      {
        extends: './frontend/vite.config.ts',
        root: './frontend',
        resolve: { conditions: ['browser'] },
        test: {
          name: 'unit-frontend',
          ...timeouts,
          environment: 'node',
          include: ['src/**/*.test.ts'],
          exclude: ['src/**/*.browser.test.ts'],
        },
      },
      {
        extends: './frontend/vite.config.ts',
        root: './frontend',
        resolve: { conditions: ['browser'] },
        test: {
          name: 'browser',
          ...timeouts,
          include: ['src/**/*.browser.test.ts'],
          setupFiles: [fileURLToPath(new URL('./frontend/test/loadStyles.ts', import.meta.url))],
          // One page at a time: focus and animation frames belong to the page in front.
          fileParallelism: false,
          browser: {
            enabled: true,
            headless: true,
            provider: playwright({ launchOptions }),
            instances: [{ browser: 'chromium' }],
            viewport: { width: 1280, height: 800 },
            screenshotFailures: false,
          },
        },
      },
    ],
  },
});
