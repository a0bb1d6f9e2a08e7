/** Renders with Rill's own view and the styles of the product, through the calls that the page makes. */
import { MarkdownView } from '../../../../frontend/src/lib/markdown/dom/markdownView.ts';
import { PageDrawing } from '../../../../frontend/src/lib/markdown/dom/pageDrawing.ts';
import { stepCharacters } from '../../../../frontend/src/lib/markdown/wholeText.ts';
import '../../../../frontend/src/lib/view/message/content/markdown.css';
import '../../../../frontend/src/lib/view/message/content/markdownBlocks.css';
import { messageStrings } from '../../../../frontend/src/lib/view/strings/messageStrings.ts';
import '../../../../frontend/src/styles/index.css';
import { serveContender } from './serveContender.ts';

serveContender((root) => {
  const view = new MarkdownView(root, {
    page: new PageDrawing(),
    labels: messageStrings.markdown,
    copyText: async () => true,
  });
  const show = (source: string): void => {
    view.update(source, true);
    // Draws in each flush, like the other contenders, even where the page would wait after a slow drawing.
    view.flush();
  };
  return {
    update(added, source) {
      // The page draws a large addition over several frames; here all of it is drawn before this returns.
      for (
        let end = source.length - added.length + stepCharacters;
        end < source.length;
        end += stepCharacters
      )
        show(source.slice(0, end));
      show(source);
    },
    finish: (source) => view.update(source, false),
  };
});
