/**
 * Starts a PostgreSQL of its own on a free port, from the programs that the system has, in a folder that is deleted: an
 * empty one, or a standby of another one.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statfsSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from '../proxies/proxyProgram.ts';

export interface PostgresServer {
  readonly port: number;
  /** The process of the server, for tests that stop it. */
  readonly pid: number;
  readonly isRunning: boolean;
  readonly dataDirectory: string;
  url(database: string): string;
  /** Runs one statement as the superuser. */
  query(text: string, database?: string): Promise<pg.QueryResult>;
  /** A connection of the superuser, which its caller ends. */
  connect(database: string): Promise<pg.Client>;
  /** `immediate` is a crash: the next start recovers. */
  stop(mode: 'fast' | 'immediate'): Promise<void>;
  /** Starts it again on its port after `stop`. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export interface PostgresOptions {
  /** Lines of its configuration, as `name=value`. */
  readonly settings?: readonly string[];
  /** The folder to make its own in. */
  readonly folder?: string;
  /** It follows this one, asynchronously, until it is promoted. */
  readonly standbyOf?: PostgresServer;
}

const superuser = 'rill';
const versions = '/usr/lib/postgresql';

/** The folder of the newest programs; null where there are none. */
function findPrograms(): string | null {
  if (!existsSync(versions)) return null;
  const folders = readdirSync(versions)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(versions, version, 'bin'));
  return folders.find((folder) => existsSync(join(folder, 'initdb'))) ?? null;
}

const programs = findPrograms();
export const hasPostgres = programs !== null;
/** The path of one of its programs, such as pg_dump. */
export const postgresProgram = (name: string): string => join(programs ?? '', name);

/** PostgreSQL refuses to run as root, so there it runs as the user that its package makes. */
function findUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const line = /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'));
  if (!line) throw new Error('There is no user "postgres" to run PostgreSQL as.');
  return { uid: Number(line[1]), gid: Number(line[2]) };
}

const memoryFolder = '/dev/shm';
const enoughBytes = 4e9;

/** In memory where there is enough: a killed process loses nothing of it either, and no test waits for a busy disk. */
function baseFolder(): string {
  if (!existsSync(memoryFolder)) return tmpdir();
  const { bavail, bsize } = statfsSync(memoryFolder);
  return bavail * bsize > enoughBytes ? memoryFolder : tmpdir();
}

/** The database's own order of texts is not that of bytes, so a query that forgets to ask for it is found. */
const initdbWords = ['--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions'];
const unusualOrder = ['--locale-provider=icu', '--icu-locale=en-US'];

/** A copy that follows the server it was made of. */
const copyWords = ['--write-recovery-conf', '--wal-method=stream', '--checkpoint=fast', '--no-sync'];

const baseSettings = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=300',
  'max_wal_size=2GB',
  'log_min_messages=warning',
  // The worst that a server can have as its own.
  'default_transaction_isolation=serializable',
];

export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const { settings = [], standbyOf } = options;
  if (programs === null) throw new Error('PostgreSQL is not installed.');
  const user = findUser();
  const folder = await mkdtemp(join(options.folder ?? baseFolder(), 'rill-postgres-'));
  if (user.uid !== undefined && user.gid !== undefined) await chown(folder, user.uid, user.gid);
  const dataDirectory = join(folder, 'data');
  const environment = { PATH: process.env.PATH, LC_ALL: 'C' };
  const run = { ...user, cwd: folder, env: environment };
  const [maker, words] = standbyOf
    ? ['pg_basebackup', ['-h', '127.0.0.1', '-p', String(standbyOf.port), ...copyWords]]
    : ['initdb', [...initdbWords, ...unusualOrder]];
  await promisify(execFile)(join(programs, maker), ['-D', dataDirectory, '-U', superuser, ...words], run);
  const port = await freePort();
  const parameters = [`port=${port}`, ...baseSettings, ...settings].flatMap((setting) => ['-c', setting]);
  const state: { child: ChildProcess | undefined } = { child: undefined };
  const url = (database: string) => `postgres://${superuser}@127.0.0.1:${port}/${database}`;
  const start = async (): Promise<void> => {
    // It ends with the process that started it, however that ends.
    const [program = '', ...rest] = withParent([
      join(programs, 'postgres'),
      '-D',
      dataDirectory,
      ...parameters,
    ]);
    const child = spawn(program, rest, { ...run, stdio: ['ignore', 'ignore', 'pipe'] });
    state.child = child;
    await waitUntilReady(child, url('postgres'));
  };
  const stop = async (mode: 'fast' | 'immediate'): Promise<void> => {
    const { child } = state;
    if (!isRunning(child)) return;
    const ended = once(child, 'exit');
    child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await ended;
  };
  await start();
  return {
    port,
    get pid() {
      return state.child?.pid ?? 0;
    },
    get isRunning() {
      return isRunning(state.child);
    },
    dataDirectory,
    url,
    async query(text, database = 'postgres') {
      const client = await connect(url(database));
      try {
        return await client.query(text);
      } finally {
        await client.end();
      }
    },
    connect: (database) => connect(url(database)),
    start,
    stop,
    async close() {
      await stop('immediate');
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const isRunning = (child: ChildProcess | undefined): child is ChildProcess =>
  child !== undefined && child.exitCode === null && child.signalCode === null;

const setpriv = '/usr/bin/setpriv';
const withParent = (command: string[]): string[] =>
  existsSync(setpriv) ? [setpriv, '--pdeathsig', 'SIGQUIT', ...command] : command;

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** It says on its error output when it takes connections. */
async function waitUntilReady(child: ChildProcess, url: string): Promise<void> {
  const output = { text: '' };
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output.text = `${output.text}${text}`.slice(-20_000);
  });
  const ended = once(child, 'exit');
  while (!/database system is ready to accept (read-only )?connections/.test(output.text)) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`PostgreSQL has ended: ${output.text}`);
    await Promise.race([once(child.stderr ?? child, 'data'), ended]);
  }
  await (await connect(url)).end();
}
