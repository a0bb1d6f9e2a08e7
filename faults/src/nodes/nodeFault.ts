/** Defines a fault of the three-node suite, and the harm that it may cause: any other harm is a violation. */
import type { SeededRandom } from '../seededRandom.ts';
import type { Cluster } from './cluster.ts';
import type { HintBus } from './makeNode.ts';

export interface NodeFault {
  readonly name: string;
  /** Describes it in the help text. */
  readonly meaning: string;
  /** Returns a sentence about what is not installed here; null where the fault is possible. */
  readonly missing?: () => string | null;
  /** The bus by which nodes send each other hints in its round. Default: Postgres. */
  readonly hints?: HintBus;
  /** Inflicts the fault, and resolves when it is over: everything that it broke works again. */
  inflict(cluster: Cluster, context: FaultContext): Promise<Harm>;
}

export interface FaultContext {
  readonly random: SeededRandom;
  /** How often the suite has played this fault before: one with several kinds cycles through them. */
  readonly turn: number;
  /** Adds a line to the trace of the round. */
  readonly note: (line: string) => void;
}

export interface Harm {
  /** Process starts that died, or were frozen past their lease: others may end their runs. */
  readonly lostBootIds: readonly string[];
  /** Runs may fail because the database was unreachable for longer than they wait. */
  readonly mayFailToStore?: boolean;
  /**
   * Which commits the database lost. `any`: shown text and sends may be among them. `events`: only events; everything
   * up to an acknowledged send or end is there.
   */
  readonly losesCommits?: 'any' | 'events';
  /** True when it delays no cancel beyond the usual time. */
  readonly stopsAtCancel?: boolean;
  /** From the loss of a node until all of its runs were claimed or ended, in milliseconds. */
  readonly recoveryMs?: number;
  readonly violations?: readonly string[];
}

export const noHarm: Harm = { lostBootIds: [] };
