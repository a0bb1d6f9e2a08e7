/** Tests that a text keeps its content as HTML, and that nothing in it can run or fetch. */
import { expect, it } from 'vitest';
import { parseDocument } from '../parseDocument.ts';
import { treeHtml } from './treeHtml.ts';

const formula = (source: string) => (source === 'x' ? '<math>x</math>' : null);
const toHtml = (text: string) => treeHtml(parseDocument(text), { formula });

it.each([
  ['# A *b* & c', '<h1 dir="auto">A <em>b</em> &amp; c</h1>'],
  ['- [x] done\n- [ ] open', /<ul class="tight" dir="auto"><li dir="auto">.*☑ done.*☐ open/],
  [
    '```js\nlet a = "<b>";\n```',
    '<pre><span class="language">js</span><code>let a = &quot;&lt;b&gt;&quot;;\n</code></pre>',
  ],
  ['| a |\n|:-:|\n| b |', /<td style="text-align:center">b<\/td>/],
  ['$x$ and $y$', /<math>x<\/math> and <code>y<\/code>/],
  [
    '![cat](https://a.example/cat.png)',
    /<a href="https:\/\/a\.example\/cat\.png" rel="noopener noreferrer">cat<\/a>/,
  ],
  ['[a](javascript:alert(1))', /^(?!.*href)/],
  ['<script>alert(1)</script>', /^(?!.*<script)/],
])('writes %j', (text, html) => {
  if (typeof html === 'string') expect(toHtml(text)).toBe(html);
  else expect(toHtml(text).replaceAll('\n', ' ')).toMatch(html);
});
