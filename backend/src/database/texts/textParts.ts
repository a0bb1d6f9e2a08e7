/**
 * Defines how a text is cut into the parts that are indexed and read. Parts overlap, so that every term is whole in at
 * least one of them.
 */
import { maxQueryCharacters } from '@rill/protocol';

const partCharacters = 50_000;
/** A folded term can come from more letters than it has. */
const overlapCharacters = 2 * maxQueryCharacters;

/** SQL that gives the part `part` of the text `content`. */
export const sqlOfPart = (content: string, part: string): string =>
  `substr(${content}, ${part} * ${partCharacters} + 1, ${partCharacters + overlapCharacters})`;

/** SQL that is true when more of the text `content` follows the part `part`. */
export const sqlOfHasMore = (content: string, part: string): string =>
  `length(${content}) > ${part} * ${partCharacters} + ${partCharacters + overlapCharacters}`;
