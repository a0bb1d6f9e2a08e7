/** Names who may write to a run, for the log and the store alike. */

/** The holder of the run's current epoch; a write with an older one is refused. */
export interface RunLease {
  readonly runId: string;
  readonly epoch: number;
}
