/** What a fault of the three-node suite is, and what it may cause: everything else is a violation. */
import type { SeededRandom } from '../seededRandom.ts';
import type { Cluster } from './cluster.ts';
import type { HintBus } from './makeNode.ts';

export interface NodeFault {
  readonly name: string;
  /** For the help text. */
  readonly meaning: string;
  /** A sentence about what is not installed here; null where it can be done. */
  readonly missing?: () => string | null;
  /** By what nodes send each other hints in its round; by Postgres unless it says so. */
  readonly hints?: HintBus;
  /** Does it, and resolves when it is over: everything that it broke works again. */
  inflict(cluster: Cluster, context: FaultContext): Promise<Harm>;
}

export interface FaultContext {
  readonly random: SeededRandom;
  /** How often the suite has played this fault before: a fault of many kinds takes them in turn. */
  readonly turn: number;
  /** Adds a line to the trace of the round. */
  readonly note: (line: string) => void;
}

export interface Harm {
  /** Process starts that died, or stood still past their lease: others may end their runs. */
  readonly lostBootIds: readonly string[];
  /** Runs may fail because the database was away longer than they wait for it. */
  readonly mayFailToStore?: boolean;
  /**
   * The database lost commits: any, so what readers were shown and what was sent may be among them, or those of events
   * alone, and everything up to a send or an end that was acknowledged is there.
   */
  readonly losesCommits?: 'any' | 'events';
  /** It delays no cancel beyond the usual time. */
  readonly stopsAtCancel?: boolean;
  /** From the loss of a node until no run of it was left as it had it, in milliseconds. */
  readonly recoveryMs?: number;
  readonly violations?: readonly string[];
}

export const noHarm: Harm = { lostBootIds: [] };
