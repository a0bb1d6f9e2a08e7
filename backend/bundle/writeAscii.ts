/** Writes letters beyond ASCII as escapes: V8 keeps a source with a single one of them at twice the memory. */
import type { Plugin } from 'vite';

export function writeAscii(): Plugin {
  return {
    name: 'rill-write-ascii',
    generateBundle(_, bundle) {
      for (const file of Object.values(bundle))
        if (file.type === 'chunk') file.code = escapeBeyondAscii(file.code);
    },
  };
}

/** Strings, templates, expressions and comments mean the same with escapes; nobody names a variable so. */
const escapeBeyondAscii = (code: string): string =>
  code.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
