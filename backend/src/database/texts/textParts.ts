/**
 * Defines how a text is cut into the parts that are indexed and read. Parts overlap, so that at least one of them
 * contains each term whole.
 */
import { maxQueryCharacters } from '@rill/protocol';

const partCharacters = 50_000;
/** A folded term can stand for more letters than it has. */
const overlapCharacters = 2 * maxQueryCharacters;

/** SQL for part `part` of the text `content`. */
export const sqlOfPart = (content: string, part: string): string =>
  `substr(${content}, ${part} * ${partCharacters} + 1, ${partCharacters + overlapCharacters})`;

/** SQL that is true if the text `content` continues after part `part`. */
export const sqlOfHasMore = (content: string, part: string): string =>
  `length(${content}) > ${part} * ${partCharacters} + ${partCharacters + overlapCharacters}`;
