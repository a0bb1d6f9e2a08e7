/** Waits until a process start that is gone is fenced, and its runs are ended, or belong to another one. */
import { setTimeout } from 'node:timers/promises';
import type { ServerProcess } from '../serverProcess.ts';
import type { Cluster } from './cluster.ts';

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

const fencedExitCode = 75;

/** Waits for the end of a node that was fenced and may continue; it must end by itself, to be started again. */
export async function endsAsFenced(server: ServerProcess): Promise<string[]> {
  const code = await server.ended();
  return code === fencedExitCode ? [] : [`a node that was fenced ended with ${code}: ${server.lastOutput}`];
}
