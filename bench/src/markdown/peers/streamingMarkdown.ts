/** Renders with streaming-markdown and its default renderer, which only appends. */
import { default_renderer, parser, parser_end, parser_write } from 'streaming-markdown';
import { serveContender } from '../page/serveContender.ts';

serveContender((root) => {
  const state = parser(default_renderer(root));
  return { update: (added) => parser_write(state, added), finish: () => parser_end(state) };
});
