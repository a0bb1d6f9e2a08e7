/** Rill's own view, with the styles of the product. */
import { MarkdownView } from '../../../../frontend/src/lib/markdown/dom/markdownView.ts';
import '../../../../frontend/src/lib/view/markdown.css';
import '../../../../frontend/src/lib/view/markdownBlocks.css';
import { messageText } from '../../../../frontend/src/lib/view/messageText.ts';
import '../../../../frontend/src/styles/index.css';
import { serveContender } from './serveContender.ts';

serveContender((root) => {
  const view = new MarkdownView(root, { labels: messageText.markdown, copyText: async () => true });
  return {
    update(added) {
      view.append(added);
      // Drawn with each flush and not once a frame, as the others are.
      view.flush();
    },
    finish: (source) => view.update(source, false),
  };
});
