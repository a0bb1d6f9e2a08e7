/** Holds what failed last in one chat, in one sentence, until it is dismissed or something is sent. */
import type { RillError } from '@rill/protocol';

export class ChatProblem {
  sentence = $state<string | null>(null);
  readonly #onUnauthorized: () => void;

  constructor(onUnauthorized: () => void) {
    this.#onUnauthorized = onUnauthorized;
  }

  /** Says what failed. A missing sign-in is said by the page that asks for it. */
  report(error: RillError): void {
    if (error.code === 'unauthorized') this.#onUnauthorized();
    else this.sentence = error.message;
  }
}
