/**
 * The floor: the source itself as text nodes, a block per line, in groups that the browser lays out by themselves. One
 * block for all, or one parent for all lines, is laid out anew as a whole and costs more the longer it is.
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
