/** What of the command line every bench takes. */
export interface BenchArguments {
  readonly isQuick: boolean;
  /** Undefined is the bench's own number. */
  readonly rounds: number | undefined;
}
