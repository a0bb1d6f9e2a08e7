/** Tests that a failure in a process without free file descriptors names that cause, whatever the original error. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { isOutOfFiles, isTooManyFiles } from './tooManyFiles.ts';

const source = (path: string): string => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)));
const withCode = (code: string): Error => Object.assign(new Error(code), { code });

it.each<[string, unknown, boolean]>([
  ['of the process', withCode('EMFILE'), true],
  ['of the machine', withCode('ENFILE'), true],
  ['in a cause', new Error('fetch failed', { cause: new Error('', { cause: withCode('EMFILE') }) }), true],
  ['in one of several attempts', new AggregateError([withCode('ECONNREFUSED'), withCode('EMFILE')]), true],
  ['in another error', withCode('ECONNREFUSED'), false],
  ['in a string', 'EMFILE', false],
])('detects the limit of open files %s', (_, error, isNamed) => {
  expect(isTooManyFiles(error)).toBe(isNamed);
});

it('reports that a process with free descriptors can open files', () => {
  expect(isOutOfFiles()).toBe(false);
});

/** Runs code after everything is loaded and all descriptors but `left` are in use; returns its output. */
function withFilesLeft(left: number, code: string): string {
  const script = `
    import { closeSync, openSync } from 'node:fs';
    import { CallEnding } from ${source('./llm/http/callEnding.ts')};
    import { createTransportFailure } from ${source('./llm/failure/providerError.ts')};
    import { noProxies } from ${source('./llm/http/chooseProxy.ts')};
    import { createProviderConnection } from ${source('./llm/http/providerConnection.ts')};
    import { openSqliteDatabase } from ${source('./database/sqlite/sqliteDatabase.ts')};
    const files = [];
    try { for (;;) files.push(openSync('/dev/null')); } catch {}
    for (const file of files.splice(0, ${left})) closeSync(file);
    const asked = async (url) => {
      const call = { method: 'GET', url, headers: {}, ending: new CallEnding(), onConnected() {} };
      const cause = await createProviderConnection(noProxies).send(call).catch((error) => error);
      return createTransportFailure('provider_unavailable', {}, { text: (text) => text }, cause);
    };
    const print = (text) => process.stdout.write(text + '\\n');
    ${code}`;
  const limited = ['-c', 'ulimit -n 60; exec "$0" --input-type=module -e "$1"', process.execPath, script];
  const { stdout, stderr } = spawnSync('sh', limited, { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout;
}

it.each(['http://127.0.0.1:9/v1', 'http://localhost:9/v1', 'http://provider.test:9/v1'])(
  'does not call %s unreachable when no socket could be opened',
  (url) => {
    const code = `const { code, message } = await asked(${JSON.stringify(url)}); print(code + ': ' + message);`;
    expect(withFilesLeft(0, code)).toBe(
      'server_busy: The server has too many files and connections open. Try again in a moment.\n',
    );
    expect(withFilesLeft(20, code)).toMatch(/^provider_unavailable: /);
  },
);

it.each([0, 1, 2, 3, 4, 5, 6])('names the cause when the database finds %i free descriptors', (left) => {
  const path = mkdtempSync(join(tmpdir(), 'rill-files-'));
  try {
    const code = `await openSqliteDatabase(${JSON.stringify(path)}).catch((error) => print(error.message));`;
    expect(withFilesLeft(left, code)).toMatch(/may have too few files open .*"ulimit -n 4096"\.\n$/);
  } finally {
    rmSync(path, { recursive: true });
  }
});
