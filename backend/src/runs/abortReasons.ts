/** Why a run's `AbortController` fired when it was no failure; a timeout is a `RillError` instead. */

/** A person ended the run. */
export class RunCancelled extends Error {
  constructor() {
    super('The run was cancelled.');
    this.name = 'RunCancelled';
  }
}

/** The process is going away. */
export class RunInterrupted extends Error {
  constructor() {
    super('The run was interrupted.');
    this.name = 'RunInterrupted';
  }
}
