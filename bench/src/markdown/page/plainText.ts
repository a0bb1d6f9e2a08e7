/** The floor: the source itself as text nodes, in a block per line, so that the browser lays out one line at a time. */
import { serveContender } from './serveContender.ts';

serveContender((root) => {
  let line = root.appendChild(document.createElement('div'));
  return {
    update(added) {
      for (const [index, text] of added.split('\n').entries()) {
        if (index > 0) line = root.appendChild(document.createElement('div'));
        line.append(text);
      }
    },
  };
});
