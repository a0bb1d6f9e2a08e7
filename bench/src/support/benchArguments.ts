/** Defines the command-line arguments that every bench accepts. */
export interface BenchArguments {
  readonly isQuick: boolean;
  /** Undefined selects the bench's default. */
  readonly rounds: number | undefined;
}
