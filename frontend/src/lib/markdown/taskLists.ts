/**
 * A markdown-it core rule: a list item whose first paragraph begins with `[ ]` or `[x]` gets a `task_marker` token
 * in place of these characters. Only text is replaced, so a reference link named `x` stays a link.
 */
import type { StateCore, Token } from 'markdown-it';

const taskMarker = /^\[([ xX])\][ \t\n]/;

export function taskLists(state: StateCore): void {
  const { tokens } = state;
  for (let index = 2; index < tokens.length; index += 1) {
    const inline = tokens[index];
    if (inline?.type !== 'inline') continue;
    if (tokens[index - 1]?.type !== 'paragraph_open' || tokens[index - 2]?.type !== 'list_item_open')
      continue;
    markTask(state, inline);
  }
}

function markTask(state: StateCore, inline: Token): void {
  const match = taskMarker.exec(inline.content);
  const first = inline.children?.[0];
  if (!match || first?.type !== 'text' || !first.content.startsWith(match[0].slice(0, 3))) return;
  first.content = first.content.slice(match[0].length);
  const marker = new state.Token('task_marker', '', 0);
  marker.meta = { isDone: match[1] !== ' ' };
  inline.children?.unshift(marker);
}
