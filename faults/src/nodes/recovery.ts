/** Waits until a lost process start is fenced and each of its runs has ended or has another owner. */
import { setTimeout } from 'node:timers/promises';
import type { ServerProcess } from '../serverProcess.ts';
import type { Cluster } from './cluster.ts';
import type { Harm } from './nodeFault.ts';

/** Longest time from the death of a node until every run of it has a live owner or has ended, in milliseconds. */
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

/** Resolves with the time at which a process start was fenced. */
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
/** A lease lasts 8 s, and another node needs a moment to notice that it has expired. */
export const pastLeaseMs = 13_000;

/**
 * Cuts a node off from the others at `lostAtMs`, past its lease: they end its runs, and it exits once `resumeNode` lets
 * it continue. Then it is started again.
 */
export async function loseNode(
  cluster: Cluster,
  server: ServerProcess,
  { lostAtMs, resumeNode }: { readonly lostAtMs: number; readonly resumeNode: () => void },
): Promise<Harm> {
  const { bootId } = server;
  const [{ recoveryMs, violations }] = await Promise.all([
    whenRecovered(cluster, bootId, lostAtMs),
    setTimeout(pastLeaseMs),
  ]);
  resumeNode();
  const otherEnd = await endFenced(server);
  await server.start();
  return { lostBootIds: [bootId], recoveryMs, violations: [...violations, ...otherEnd] };
}

/** Waits until a fenced process has exited; returns a sentence if it did not report that it was fenced. */
export async function endFenced(server: ServerProcess): Promise<readonly string[]> {
  const code = await server.ended();
  return code === fencedExitCode ? [] : [`a node that was fenced ended with ${code}: ${server.lastOutput}`];
}
