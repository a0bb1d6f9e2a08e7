/** Freezes Postgres as a whole, or one of the processes that serve a node: SIGSTOP, then SIGCONT. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { type NodeFault, noHarm } from '../../nodeFault.ts';

export const freezePostgres: NodeFault = {
  name: 'frozen',
  meaning: 'SIGSTOP of Postgres as a whole for up to 12 s, or of one of its processes for 4 s',
  async inflict(cluster, { random, note }) {
    const isWhole = random.isLikely(0.6);
    const pids = isWhole ? wholeOf(cluster.postgres.pid) : [await pickBackend()];
    const frozenMs = isWhole ? random.pick([1000, 5000, 12_000]) : 4000;
    note(`${isWhole ? 'Postgres' : `process ${pids} of Postgres`} stands still for ${frozenMs} ms`);
    signalAll(pids, 'SIGSTOP');
    await setTimeout(frozenMs);
    signalAll(pids, 'SIGCONT');
    return noHarm;

    async function pickBackend(): Promise<number> {
      const rows = await cluster.rows<{ pid: number }>(
        "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'rill %' ORDER BY application_name, pid",
      );
      return random.pick(rows).pid;
    }
  },
};

/** The server's process and its children. */
function wholeOf(pid: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => parentOf(each) === pid);
  return [pid, ...children];
}

function parentOf(pid: number): number | null {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    // It has ended in the meantime.
    return null;
  }
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended in the meantime.
    }
  }
}
