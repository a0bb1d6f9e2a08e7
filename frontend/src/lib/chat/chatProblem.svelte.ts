/** Holds the last failure in one chat, as one sentence, until it is dismissed or something is sent. */
import type { RillError } from '@rill/protocol';

export class ChatProblem {
  sentence = $state<string | null>(null);
  readonly #onUnauthorized: () => void;

  constructor(onUnauthorized: () => void) {
    this.#onUnauthorized = onUnauthorized;
  }

  /** Reports a failure. A missing session is reported by the page that signs in. */
  report(error: RillError): void {
    if (error.code === 'unauthorized') this.#onUnauthorized();
    else this.sentence = error.message;
  }
}
