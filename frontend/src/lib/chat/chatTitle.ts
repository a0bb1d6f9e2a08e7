/** The first title of a chat, made from its first message, so that the sidebar never shows a list of "New chat". */

const maxTitleLength = 60;

/** The first line with text, without markdown signs, cut at a word. Empty when the message has no text. */
export function chatTitle(content: string): string {
  const line =
    content
      .split('\n')
      .map(plainLine)
      .find((text) => text !== '') ?? '';
  const characters = [...line];
  if (characters.length <= maxTitleLength) return line;
  const cut = characters.slice(0, maxTitleLength).join('');
  const lastSpace = cut.lastIndexOf(' ');
  return `${(lastSpace > maxTitleLength / 2 ? cut.slice(0, lastSpace) : cut).replace(/[\s,;:.–—-]+$/u, '')}…`;
}

function plainLine(line: string): string {
  return line
    .replace(/^\s*(?:#{1,6}|>|[-*+]|\d+[.)]|`{3,}\S*)(?:\s+|$)/u, '')
    .replace(/[*_`]{1,3}(\S[^*_`]*)[*_`]{1,3}/gu, '$1')
    .replace(/\s+/gu, ' ')
    .trim();
}
