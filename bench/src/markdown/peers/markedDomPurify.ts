/** Renders as most tutorials do: parses, sanitizes and sets the whole source as HTML at each flush. */
import DOMPurify from 'dompurify';
import { marked } from 'marked';
import { serveContender } from '../page/serveContender.ts';

serveContender((root) => ({
  update(_added, source) {
    root.innerHTML = DOMPurify.sanitize(marked.parse(source, { async: false }));
  },
}));
