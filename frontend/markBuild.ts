/** Leaves in `index.html` a name of its build, by which a tab notices that the server has a newer page. */
import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

export function markBuild(): Plugin {
  return {
    name: 'mark-build',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }) {
        // The names of all files carry the hashes of what is in them.
        const names = Object.keys(bundle ?? {})
          .sort()
          .join('\n');
        const content = createHash('sha256').update(names).digest('base64url').slice(0, 16);
        return [{ tag: 'meta', attrs: { name: 'rill-build', content }, injectTo: 'head' }];
      },
    },
  };
}
