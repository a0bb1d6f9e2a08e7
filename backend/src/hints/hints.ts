/**
 * Defines what processes on one database tell each other: ids only, as a hint to look sooner. Everything that a hint
 * says is in the database too, so a lost, late, repeated or wrong one costs time and nothing else.
 */

export type Hint =
  /** The log has more of a run that the receiver follows. */
  | { readonly type: 'appended'; readonly runId: string }
  /** A run of the receiver has a cancel mark. */
  | { readonly type: 'cancelled'; readonly runId: string }
  /** A run of the receiver is followed by this process, for a while. */
  | { readonly type: 'followed'; readonly runId: string; readonly bootId: string };

export interface Hints {
  /** False while hints may not arrive: then what they tell is looked for more often. */
  readonly areArriving: boolean;
  /** Sends a hint to another process within milliseconds. Never fails. */
  publish(bootId: string, hint: Hint): void;
  /** Calls back with each hint for this process; only the last listener is called. */
  listen(listener: (hint: Hint) => void): void;
  close(): Promise<void>;
}
