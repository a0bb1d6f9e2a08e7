/**
 * A markdown-it plugin: `<br>`, `<br/>` and `<br />` in any case are line breaks, which is the only way to write one in
 * a table's cell. A tag with attributes stays text, as all other HTML does.
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
