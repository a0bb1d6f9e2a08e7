/**
 * Shows the source as text nodes, a block per line, in groups that the browser lays out separately: the lower bound. A
 * single block or parent for all lines would be laid out as a whole at every flush, which costs more the longer it is.
 */
import { serveContender } from './serveContender.ts';

const linesPerGroup = 32;

serveContender((root) => {
  let lineCount = 0;
  let group = root;
  let line = root;
  const addLine = () => {
    if (lineCount % linesPerGroup === 0) {
      group = root.appendChild(document.createElement('div'));
      group.style.contain = 'layout';
    }
    lineCount += 1;
    line = group.appendChild(document.createElement('div'));
  };
  addLine();
  return {
    update(added) {
      for (const [index, text] of added.split('\n').entries()) {
        if (index > 0) addLine();
        line.append(text);
      }
    },
  };
});
