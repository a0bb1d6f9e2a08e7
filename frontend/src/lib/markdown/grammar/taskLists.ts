/**
 * Adds a core rule to markdown-it: a list item whose first paragraph begins with `[ ]` or `[x]` gets a `task_marker`
 * token in place of these characters. Only text is replaced, so a reference link named `x` stays a link.
 */
import type { StateCore, Token } from 'markdown-it';

const taskMarker = /^\[([ xX])\][ \t\n]/;

/** Marks each inline that begins a list item while its neighbours are known; later it may be parsed without them. */
export function markFirstInlines(tokens: readonly Token[]): void {
  for (let index = 2; index < tokens.length; index += 1) {
    const inline = tokens[index];
    if (inline?.type !== 'inline' || tokens[index - 1]?.type !== 'paragraph_open') continue;
    if (tokens[index - 2]?.type === 'list_item_open') inline.meta = { beginsItem: true };
  }
}

export function taskLists(state: StateCore): void {
  for (const token of state.tokens) {
    if (token.type === 'inline' && token.meta?.beginsItem === true) markTask(state, token);
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
