/** Counts facts about the page's own work, for the panel shown with `?debug` in the address. */
import { getContext, setContext } from 'svelte';

export class DebugFacts {
  /** Streamed texts that were compared with a whole parse. */
  checkedTexts = $state(0);
  /** Blocks of them that had to be drawn again. */
  correctedBlocks = $state(0);

  addCheck(correctedBlocks: number): void {
    this.checkedTexts += 1;
    this.correctedBlocks += correctedBlocks;
  }
}

export const debugFactsKey = Symbol('debug facts');

/** Hands them to every text of the calling component. */
export function provideDebugFacts(): DebugFacts {
  return setContext(debugFactsKey, new DebugFacts());
}

/** Undefined for a text outside of the page's frame. */
export function findDebugFacts(): DebugFacts | undefined {
  return getContext(debugFactsKey);
}

export const isDebugging = (address: Location): boolean => new URLSearchParams(address.search).has('debug');
