/** What the page knows of its own work, for the panel that an address with `?debug` shows. */

export class DebugFacts {
  /** Streamed texts that were compared with a whole parse. */
  checkedTexts = $state(0);
  /** Blocks of them that had to be drawn anew. */
  correctedBlocks = $state(0);

  addCheck(correctedBlocks: number): void {
    this.checkedTexts += 1;
    this.correctedBlocks += correctedBlocks;
  }
}

export const debugFacts = new DebugFacts();

export const isDebugging = (address: Location): boolean => new URLSearchParams(address.search).has('debug');
