/** Lists the faults of the three-node suite. */
import { endBackends } from './inflict/database/endBackends.ts';
import { failOver } from './inflict/database/failOver.ts';
import { failOverInStep } from './inflict/database/failOverInStep.ts';
import { fillDisk } from './inflict/database/fillDisk.ts';
import { foreignLocks } from './inflict/database/foreignLocks.ts';
import { freezePostgres } from './inflict/database/freezePostgres.ts';
import { restartPostgres } from './inflict/database/restartPostgres.ts';
import { useUpConnections } from './inflict/database/useUpConnections.ts';
import { breakRedis } from './inflict/hints/breakRedis.ts';
import { spoilHints } from './inflict/hints/spoilHints.ts';
import { cutLines } from './inflict/line/cutLines.ts';
import { isolateNode } from './inflict/line/isolateNode.ts';
import { longOutage } from './inflict/line/longOutage.ts';
import { loseCommits } from './inflict/line/loseCommits.ts';
import { outage } from './inflict/line/outage.ts';
import { reloadProxy } from './inflict/line/reloadProxy.ts';
import { slowLines } from './inflict/line/slowLines.ts';
import { deployNodes } from './inflict/process/deployNodes.ts';
import { fillHeap } from './inflict/process/fillHeap.ts';
import { killNode } from './inflict/process/killNode.ts';
import { pauseNode } from './inflict/process/pauseNode.ts';
import { shareName } from './inflict/process/shareName.ts';
import { shiftClock } from './inflict/process/shiftClock.ts';
import { stallNode } from './inflict/process/stallNode.ts';
import type { NodeFault } from './nodeFault.ts';

export const nodeFaults: readonly NodeFault[] = [
  killNode,
  restartPostgres,
  cutLines,
  pauseNode,
  endBackends,
  loseCommits,
  spoilHints,
  deployNodes,
  slowLines,
  stallNode,
  outage,
  freezePostgres,
  isolateNode,
  shiftClock,
  foreignLocks,
  fillDisk,
  failOver,
  reloadProxy,
  longOutage,
  useUpConnections,
  failOverInStep,
  breakRedis,
  shareName,
  fillHeap,
];

/** The faults with these names, or all that are possible here. Errors: one sentence for an unknown name. */
export function chooseNodeFaults(names: readonly string[]): readonly NodeFault[] {
  if (names.length === 0) return nodeFaults.filter(({ missing }) => !missing?.());
  return names.map((name) => {
    const fault = nodeFaults.find((each) => each.name === name);
    if (!fault) {
      const known = nodeFaults.map((each) => each.name).join(', ');
      throw new Error(`There is no fault "${name}" of several nodes; there are ${known}.`);
    }
    const reason = fault.missing?.();
    if (reason) throw new Error(reason);
    return fault;
  });
}
