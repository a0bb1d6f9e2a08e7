/**
 * Adds a rule to markdown-it: `<br>`, `<br/>` and `<br />` in any case are line breaks, because a table cell has no
 * other way to write one. A tag with attributes stays text, like all other HTML.
 */
import type MarkdownIt from 'markdown-it';

const breakTag = /<br[ \t]*\/?>/iy;

export function lineBreaks(parser: InstanceType<typeof MarkdownIt>): void {
  parser.inline.ruler.before('autolink', 'line_break_tag', (state, isSilent) => {
    breakTag.lastIndex = state.pos;
    const [tag] = breakTag.exec(state.src) ?? [];
    if (tag === undefined || state.pos + tag.length > state.posMax) return false;
    if (!isSilent) state.push('hardbreak', 'br', 0);
    state.pos += tag.length;
    return true;
  });
}
