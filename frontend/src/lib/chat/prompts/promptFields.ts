/** Finds the fields of a text: names between two braces, as in `{{topic}}`. Anything else between braces is text. */

export interface PromptField {
  readonly start: number;
  readonly end: number;
}

const fieldPattern = /\{\{[ \t]*[\p{L}\p{N}_](?:[\p{L}\p{N}_ .-]{0,60}[\p{L}\p{N}_.])?[ \t]*\}\}/gu;

export const findFields = (text: string): PromptField[] =>
  Array.from(text.matchAll(fieldPattern), ({ index, 0: match }) => ({
    start: index,
    end: index + match.length,
  }));

/**
 * The field to go to from a selection, in a direction; after the last one it is the first again, so that none is left
 * behind. Null when there is none.
 */
export function nextField(
  text: string,
  selection: { readonly start: number; readonly end: number },
  direction: 1 | -1,
): PromptField | null {
  const fields = findFields(text);
  const ahead =
    direction === 1
      ? fields.find(
          ({ start, end }) => start >= selection.end || (start >= selection.start && end > selection.end),
        )
      : fields.findLast(({ end }) => end <= selection.start);
  return ahead ?? (direction === 1 ? fields[0] : fields.at(-1)) ?? null;
}
