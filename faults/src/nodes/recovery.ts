/** Waits until a process start that is gone is fenced, and its runs are ended, or belong to another one. */
import { setTimeout } from 'node:timers/promises';
import type { ServerProcess } from '../serverProcess.ts';
import type { Cluster } from './cluster.ts';
import type { Harm } from './nodeFault.ts';

/** From the death of a node until every run of it has an owner that lives, or has ended; in milliseconds. */
export const recoveryLimitMs = 15_000;
const giveUpMs = 60_000;

export interface Recovery {
  readonly recoveryMs: number;
  readonly violations: readonly string[];
}

export async function whenRecovered(cluster: Cluster, bootId: string, diedAtMs: number): Promise<Recovery> {
  for (;;) {
    const rows = await cluster.rows(
      `SELECT id FROM runs WHERE boot_id = '${bootId}' AND ended_at_ms IS NULL
        UNION ALL SELECT boot_id FROM nodes WHERE boot_id = '${bootId}' AND fenced_at_ms IS NULL`,
    );
    const recoveryMs = performance.now() - diedAtMs;
    if (rows.length === 0 || recoveryMs > giveUpMs) {
      const isLate = recoveryMs > recoveryLimitMs;
      const violation = `the runs of a dead node were left alone for ${Math.round(recoveryMs)} ms`;
      return { recoveryMs, violations: isLate ? [violation] : [] };
    }
    await setTimeout(20);
  }
}

/** Resolves once a process start is fenced, with the time. */
export async function whenFenced(cluster: Cluster, bootId: string): Promise<number> {
  for (;;) {
    const rows = await cluster.rows(
      `SELECT boot_id FROM nodes WHERE boot_id = '${bootId}' AND fenced_at_ms IS NOT NULL`,
    );
    if (rows.length > 0) return performance.now();
    await setTimeout(20);
  }
}

const fencedExitCode = 75;
/** A lease is 8 s, and another node needs a moment to see that it has ended. */
export const pastLeaseMs = 13_000;

/**
 * Takes a node from the others, past its lease, since `lostAtMs`: they end its runs, and it ends by itself once `giveBack`
 * lets it continue. It is started again.
 */
export async function loseNode(
  cluster: Cluster,
  server: ServerProcess,
  { lostAtMs, giveBack }: { readonly lostAtMs: number; readonly giveBack: () => void },
): Promise<Harm> {
  const { bootId } = server;
  const [{ recoveryMs, violations }] = await Promise.all([
    whenRecovered(cluster, bootId, lostAtMs),
    setTimeout(pastLeaseMs),
  ]);
  giveBack();
  const otherEnd = await endFenced(server);
  await server.start();
  return { lostBootIds: [bootId], recoveryMs, violations: [...violations, ...otherEnd] };
}

/** Waits until a process that was fenced has ended; a sentence where it did not say that it was. */
export async function endFenced(server: ServerProcess): Promise<readonly string[]> {
  const code = await server.ended();
  return code === fencedExitCode ? [] : [`a node that was fenced ended with ${code}: ${server.lastOutput}`];
}
