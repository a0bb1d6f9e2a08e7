/**
 * Assigns the headings of one text their levels in the page's outline. The first is one level below the heading of the
 * message, whatever its own level, and no level is skipped.
 */

const firstOutlineLevel = 4;

export class HeadingLevels {
  /** Level of the first heading in the source; null before it. */
  #first: number | null = null;
  #last = firstOutlineLevel - 1;

  /** Outline level of the next heading, whose level in the source is `level`. */
  next(level: number): number {
    this.#first ??= level;
    const wanted = Math.max(firstOutlineLevel, firstOutlineLevel + level - this.#first);
    this.#last = Math.min(wanted, this.#last + 1);
    return this.#last;
  }
}
