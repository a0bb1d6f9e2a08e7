/** Leaves out what packages load in case somebody needs it, and Rill never does: a placeholder stands in its place. */
import type { Plugin } from 'vite';

const mark = '\0left-out:';

/** By the name under which it is imported: the placeholder, as an expression. */
export function leaveOut(placeholders: Readonly<Record<string, string>>): Plugin {
  return {
    name: 'rill-leave-out',
    enforce: 'pre',
    resolveId: (id) => (id in placeholders ? mark + id : null),
    load: (id) => (id.startsWith(mark) ? `module.exports = ${placeholders[id.slice(mark.length)]};` : null),
  };
}
