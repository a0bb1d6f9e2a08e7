/**
 * Estimates the tokens of a growing text at the cost of the new text only.
 * The estimate is that of the whole text: what is counted for good ends before a space inside a line.
 */
import { estimateTokenCount } from 'tokenx';

/** Text without spaces (Chinese, a long URL) is counted in steps of this many characters. */
const maxUncountedCharacters = 2000;

export class TokenMeter {
  #countedCharacters = 0;
  #countedTokens = 0;

  /** Estimated tokens of `text`, which continues what was given before. */
  estimate(text: string): number {
    if (text.length < this.#countedCharacters) this.#reset();
    const uncounted = text.slice(this.#countedCharacters);
    const cut = lastWordBoundary(uncounted);
    this.#countedTokens += estimateTokenCount(uncounted.slice(0, cut));
    this.#countedCharacters += cut;
    return this.#countedTokens + estimateTokenCount(uncounted.slice(cut));
  }

  #reset(): void {
    this.#countedCharacters = 0;
    this.#countedTokens = 0;
  }
}

function lastWordBoundary(text: string): number {
  for (let offset = text.length - 2; offset > 0; offset -= 1) {
    if (text[offset] === ' ' && /\S/.test(text[offset - 1] ?? '') && /\S/.test(text[offset + 1] ?? ''))
      return offset;
  }
  return text.length > maxUncountedCharacters ? text.length : 0;
}
