/** Starts the system's PgBouncer in transaction mode before a Postgres. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePort } from '../../../../backend/test/proxies/proxyProgram.ts';

export interface Pooler {
  readonly port: number;
  /** Directs it to another Postgres from now on; its connections to the former one are dropped. */
  pointTo(postgresPort: number): void;
  close(): Promise<void>;
}

const program = '/usr/sbin/pgbouncer';
export const hasPooler = existsSync(program);

export async function startPooler(user: string, postgresPort: number): Promise<Pooler> {
  const folder = mkdtempSync(join(tmpdir(), 'rill-pgbouncer-'));
  chmodSync(folder, 0o777);
  const port = await freePort();
  const path = join(folder, 'pgbouncer.ini');
  const write = (target: number) => writeFileSync(path, configOf({ folder, user, port, target }));
  write(postgresPort);
  writeFileSync(join(folder, 'users.txt'), `"${user}" ""\n`);
  // PgBouncer refuses to run as root.
  const words = process.getuid?.() === 0 ? ['-u', 'postgres', path] : [path];
  const child = spawn(program, words, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr.resume();
  await waitForListener(port, child);
  return {
    port,
    pointTo(target) {
      write(target);
      child.kill('SIGHUP');
    },
    async close() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configOf(options: {
  readonly folder: string;
  readonly user: string;
  readonly port: number;
  readonly target: number;
}): string {
  const { folder, user, port, target } = options;
  return `[databases]
* = host=127.0.0.1 port=${target} user=${user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
auth_file = ${folder}/users.txt
pool_mode = transaction
max_client_conn = 200
default_pool_size = 8
server_connect_timeout = 3
server_login_retry = 1
ignore_startup_parameters = extra_float_digits,options
`;
}

async function waitForListener(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`PgBouncer ended with ${child.exitCode}.`);
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await setTimeout(20);
  }
}
