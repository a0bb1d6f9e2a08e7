/** What most tutorials show: the whole source parsed, cleaned and set as HTML with each flush. */
import DOMPurify from 'dompurify';
import { marked } from 'marked';
import { serveContender } from '../page/serveContender.ts';

serveContender((root) => ({
  update(_added, source) {
    root.innerHTML = DOMPurify.sanitize(marked.parse(source, { async: false }));
  },
}));
