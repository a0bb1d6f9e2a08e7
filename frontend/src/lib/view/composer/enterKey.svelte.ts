/** Decides whether Enter sends. By default it does on a keyboard, and starts a new line on a touch screen. */
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
