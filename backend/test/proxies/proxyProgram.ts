/** Starts a real proxy or pooler program with a configuration of its own on a free port, and stops it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

export type ProxyName = 'nginx' | 'caddy' | 'haproxy' | 'apache2' | 'varnishd' | 'pgbouncer';

export interface ProxyProcess {
  readonly port: number;
  /** Reads the configuration again; for programs that do so at SIGHUP. */
  reload(): void;
  close(): Promise<void>;
}

const folders = ['/usr/sbin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin'];

const pathOf = (name: ProxyName): string | undefined =>
  folders.map((folder) => `${folder}/${name}`).find((path) => existsSync(path));

export const isInstalled = (name: ProxyName): boolean => pathOf(name) !== undefined;

export async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, 'close');
  return port;
}

/** The arguments that run each program in the foreground. */
const wordsOf: Record<ProxyName, (folder: string, port: number) => string[]> = {
  nginx: (folder) => ['-p', folder, '-c', `${folder}/config`, '-e', 'stderr'],
  caddy: (folder) => ['run', '--config', `${folder}/config`, '--adapter', 'caddyfile'],
  haproxy: (folder) => ['-db', '-f', `${folder}/config`],
  apache2: (folder) => ['-d', folder, '-f', `${folder}/config`, '-D', 'FOREGROUND'],
  // It refuses to run as root.
  pgbouncer: (folder) => [...(process.getuid?.() === 0 ? ['-u', 'postgres'] : []), `${folder}/config`],
  varnishd: (folder, port) => [
    '-F',
    '-n',
    `${folder}/work`,
    '-a',
    `127.0.0.1:${port}`,
    '-f',
    `${folder}/config`,
  ],
};

/** `config` gets the port to listen on and a folder for the program's files. */
export async function startProxy(
  name: ProxyName,
  config: (port: number, folder: string) => string,
): Promise<ProxyProcess> {
  const path = pathOf(name);
  if (path === undefined) throw new Error(`${name} is not installed.`);
  const folder = await mkdtemp(join(tmpdir(), `rill-${name}-`));
  // Started as root, some programs read their files as another user.
  await chmod(folder, 0o755);
  const port = await freePort();
  await writeFile(join(folder, 'config'), config(port, folder));
  const child = spawn(path, wordsOf[name](folder, port), {
    env: { PATH: process.env.PATH, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { text: '' };
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => (output.text += bytes.toString()));
  await waitForListener(name, port, child, output);
  return {
    port,
    reload: () => void child.kill('SIGHUP'),
    async close() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function waitForListener(
  name: string,
  port: number,
  child: ChildProcess,
  output: { readonly text: string },
): Promise<void> {
  while (!(await canConnect(port))) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}:\n${output.text}`);
    await setImmediate();
  }
}

async function canConnect(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    // No program listens yet.
    return false;
  } finally {
    socket.destroy();
  }
}
