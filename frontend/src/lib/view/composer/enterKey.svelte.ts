/** Decides whether Enter sends. Until a user chooses, it does where there are keys, and makes a line where there is touch. */
import { MediaQuery } from 'svelte/reactivity';
import type { StoredText } from '../../chat/storage/storedText.ts';

export class EnterKey {
  #choice = $state<string | null>(null);
  readonly #stored: StoredText;
  readonly #touch = new MediaQuery('(pointer: coarse)');

  constructor(stored: StoredText) {
    this.#stored = stored;
    this.#choice = stored.value;
  }

  get sends(): boolean {
    if (this.#choice === 'yes' || this.#choice === 'no') return this.#choice === 'yes';
    return !this.#touch.current;
  }

  set sends(sends: boolean) {
    this.#choice = sends ? 'yes' : 'no';
    this.#stored.value = this.#choice;
  }
}
