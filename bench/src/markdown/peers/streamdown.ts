/** Renders with streamdown in its default settings, which do not colour code. */
import { createElement } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { Streamdown } from 'streamdown';
import { serveContender } from '../page/serveContender.ts';

serveContender((root) => {
  const reactRoot = createRoot(root);
  const draw = (source: string, isAnimating: boolean) =>
    flushSync(() => reactRoot.render(createElement(Streamdown, { isAnimating }, source)));
  return { update: (_added, source) => draw(source, true), finish: (source) => draw(source, false) };
});
