/**
 * Starts the PostgreSQL of a bench: on a disk, with the memory of a small server, and away from the core of the
 * measured process.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type PostgresServer, startPostgres } from '../../../backend/test/postgres/postgresServer.ts';
import { restCore } from './cores.ts';
import { cpuUs } from './processFigures.ts';

export interface BenchPostgres extends PostgresServer {
  /** CPU time of all its processes so far, in microseconds. None of them may end meanwhile. */
  cpuUs(): number;
}

export async function startBenchPostgres(): Promise<BenchPostgres> {
  const server = await startPostgres({
    settings: ['shared_buffers=512MB', 'max_wal_size=4GB'],
    folder: tmpdir(),
  });
  const { pid } = server;
  // Processes that it starts later inherit the core.
  if (restCore.core !== undefined)
    for (const each of [pid, ...childrenOf(pid)])
      spawnSync('taskset', ['-a', '-p', '-c', String(restCore.core), String(each)], { stdio: 'ignore' });
  return { ...server, cpuUs: () => [pid, ...childrenOf(pid)].reduce((sum, each) => sum + cpuUs(each), 0) };
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent);
}

/** Null for a process that has ended. Source: proc(5), stat; the name of a program can have brackets. */
function parentOf(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return Number(fields[1]);
  } catch {
    return null;
  }
}
