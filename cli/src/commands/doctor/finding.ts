/** Defines the result of one check. */
export interface Finding {
  /** `warning`: Rill works, and something may surprise. `problem`: it does not start, or cannot answer. */
  readonly level: 'ok' | 'warning' | 'problem';
  readonly subject: string;
  /** One sentence, which holds no secret. */
  readonly found: string;
  /** What to do about it; not where all is well. */
  readonly advice?: string;
}
