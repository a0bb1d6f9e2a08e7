/** Assigns cores to the processes of a bench: with two cores, the server has one and everything else the other. */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

const isPinned = availableParallelism() >= 2;

export const serverCore: { readonly core?: number } = isPinned ? { core: 0 } : {};
export const restCore: { readonly core?: number } = isPinned ? { core: 1 } : {};

/** Moves this process off the server's core, for a bench that is itself the client. */
export function leaveServerCore(): void {
  if (isPinned) spawnSync('taskset', ['-a', '-p', '-c', '1', String(process.pid)], { stdio: 'ignore' });
}
