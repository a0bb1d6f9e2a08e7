import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import '../../../styles/index.css';
import '../../view/message/content/markdown.css';
import '../../view/message/content/markdownBlocks.css';
import { messageStrings } from '../../view/strings/messageStrings.ts';
import { cut, cutAtRandom, seededRandom } from '../markdownTestBench.ts';
import { answerDocuments, hostileTexts } from '../sampleDocuments.ts';
import commonmark from '../specs/commonmark-0.31.2.json' with { type: 'json' };
import gfm from '../specs/gfm-0.29.json' with { type: 'json' };
import { toCsv, toMarkdown } from './copying/domText.ts';
import { MarkdownView } from './markdownView.ts';
import { PageDrawing } from './pageDrawing.ts';

const slowMs = 120_000;
const views: MarkdownView[] = [];

function createView(copyText = async (_text: string): Promise<boolean> => true) {
  const root = document.createElement('div');
  root.className = 'markdown';
  document.body.append(root);
  const view = new MarkdownView(root, { page: new PageDrawing(), labels: messageStrings.markdown, copyText });
  views.push(view);
  return {
    root,
    view,
    show(source: string): void {
      view.update(source, true);
      view.flush();
    },
    end(source: string): void {
      view.update(source, false);
    },
  };
}

function drawnAtOnce(source: string): string {
  const { root, end } = createView();
  end(source);
  return markup(root);
}

/** The drawn HTML, with the source of each formula, whether or not its drawing has been loaded. */
function markup(root: HTMLElement): string {
  const copy = root.cloneNode(true);
  if (!(copy instanceof HTMLElement)) throw new Error('no element');
  for (const formula of copy.querySelectorAll<HTMLElement>('[data-tex]')) formula.replaceChildren();
  for (const element of copy.querySelectorAll('[data-caret]')) element.removeAttribute('data-caret');
  for (const element of copy.querySelectorAll('[style=""]')) element.removeAttribute('style');
  // The order of attributes, which depends on when each was set, does not matter.
  for (const list of copy.querySelectorAll('[role="list"]')) {
    list.removeAttribute('role');
    list.setAttribute('role', 'list');
  }
  return copy.innerHTML;
}

function find(root: ParentNode, selector: string): HTMLElement {
  const element = root.querySelector<HTMLElement>(selector);
  if (!element) throw new Error(`nothing matches ${selector}`);
  return element;
}

afterEach(() => {
  for (const view of views.splice(0)) view.destroy();
  document.body.replaceChildren();
});

describe('the drawing at the end', () => {
  test('of every example of the specifications equals a drawing at once', { timeout: slowMs }, () => {
    const random = seededRandom(11);
    for (const { markdown } of [...commonmark, ...gfm]) {
      const { root, show, end } = createView();
      let source = '';
      for (const slice of cutAtRandom(markdown, 9, random)) {
        source += slice;
        show(source);
      }
      end(source);
      expect(markup(root)).toBe(drawnAtOnce(markdown));
      document.body.replaceChildren();
    }
  });

  test('of long lists and tables, which are laid out in groups, equals a drawing at once', () => {
    const items = Array.from({ length: 100 }, (_, index) => `${index + 1}. item ${index}\n`).join('');
    const rows = Array.from({ length: 200 }, (_, index) => `| ${index} | cell |\n`).join('');
    const blocks = Array.from({ length: 100 }, (_, index) => `Paragraph ${index}\n\n`).join('');
    const source = `${items}\n\n| a | b |\n|---|--:|\n${rows}\n\n${blocks}`;
    const { root, show, end } = createView();
    let shown = '';
    for (const slice of cut(source, 40)) {
      shown += slice;
      show(shown);
    }
    end(source);
    expect(find(root, 'table').className).toBe('is-long');
    // Widths may be measured at different moments.
    const withoutWidths = (html: string): string => html.replace(/<table[^>]*>/, '<table>');
    expect(withoutWidths(markup(root))).toBe(withoutWidths(drawnAtOnce(source)));
    expect(root.querySelectorAll('ol .list-group').length).toBe(3);
    expect(root.querySelectorAll('tbody').length).toBe(4);
  });
});

test('at every step the page shows what a new page would show for the same text', { timeout: slowMs }, () => {
  for (const text of answerDocuments) {
    const { root, show } = createView();
    let source = '';
    for (const slice of cut(text, 5)) {
      source += slice;
      show(source);
      const fresh = createView();
      fresh.show(source);
      expect(markup(root)).toBe(markup(fresh.root));
      fresh.view.destroy();
    }
  }
});

test('a text that does not continue the one before is drawn from the start, streamed or not', () => {
  const { root, show, end } = createView();
  show('# One\n\ntext');
  show('# Two\n\nother text');
  end('# Three');
  expect(markup(root)).toBe(drawnAtOnce('# Three'));
  show('# Four\n\n- item');
  expect(root.textContent).toBe('Fouritem');
  end('# Four\n\n- item two');
  expect(markup(root)).toBe(drawnAtOnce('# Four\n\n- item two'));
});

describe('finished text', () => {
  test('is not touched again: blocks, items of a list, rows of a table', { timeout: slowMs }, () => {
    const { root, show, end } = createView();
    const source = [
      'A paragraph with **words**.',
      '- one\n- two `code`\n  - inner\n  - other\n  - third\n  - last\n- three\n- four\n- five',
      '| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n| 5 | 6 |\n| 7 | 8 |',
      '> quoted\n>\n> and more\n>\n> end',
      '1. step\n\n   with two blocks\n\n2. step',
      'The end.',
    ].join('\n\n');
    const touched: MutationRecord[] = [];
    const observer = new MutationObserver((records) => touched.push(...records));
    const watched = new Set<Element>();
    const settled = 'p, li, tr, h1, h2, ul, ol, table, blockquote';
    let shown = '';
    for (const slice of cut(source, 4)) {
      shown += slice;
      show(shown);
      const all = [...root.querySelectorAll(settled)];
      // All elements that have a later sibling of the same kind, in a document, a list, a table or a quote.
      for (const element of all) {
        const isFollowed = element.nextElementSibling?.nextElementSibling != null;
        if (!isFollowed || watched.has(element)) continue;
        watched.add(element);
        observer.observe(element, { subtree: true, childList: true, characterData: true, attributes: true });
      }
    }
    end(source);
    touched.push(...observer.takeRecords());
    expect(watched.size).toBeGreaterThan(8);
    expect(touched.map(({ target, type }) => `${type} ${target.nodeName}`)).toEqual([]);
  });

  test('changes when a definition arrives that was missing', () => {
    const { root, show } = createView();
    show('- see [one]\n- more\n- and');
    expect(root.querySelector('a')).toBeNull();
    show('- see [one]\n- more\n- and\n\nText\n\n[one]: https://example.com/\n\n');
    expect(find(root, 'li a').getAttribute('href')).toBe('https://example.com/');
  });
});

test('a selection in the open block and in finished blocks survives 500 flushes', () => {
  const { root, show } = createView();
  let source = '- a finished item\n- another one\n\nA finished paragraph.\n\nThe open paragraph grows';
  show(source);
  const from = find(root, 'li p').firstChild;
  const to = find(root, '.markdown > p:last-child').firstChild;
  if (!from || !to) throw new Error('no text');
  getSelection()?.setBaseAndExtent(from, 2, to, 8);
  const selected = getSelection()?.toString();
  for (let flush = 0; flush < 500; flush += 1) {
    source += flush % 7 === 0 ? ` **word${flush}** \`x\`` : ` word${flush}`;
    show(source);
  }
  expect(getSelection()?.toString()).toBe(selected);
  expect(selected).toContain('finished paragraph');
});

describe('copying', () => {
  test('copying drawn text returns Markdown', () => {
    const source = [
      '# Title',
      'Some **bold**, *slanted*, ~~gone~~ and `code` with [a link](https://example.com/).',
      '- one\n- two\n  1. inner\n  2. other',
      'Then:',
      '- [x] done\n- [ ] open',
      '> quoted\n>\n> more',
      '```ts\nconst a = 1;\n```',
      '| a | b |\n| --- | --: |\n| 1 | **2** |',
      '---',
      'The end.',
    ].join('\n\n');
    const { root, end } = createView();
    end(source);
    expect(toMarkdown(root)).toBe(source);
  });

  test('a table gives Markdown and CSV', async () => {
    const copied: string[] = [];
    const { root, end } = createView(async (text) => {
      copied.push(text);
      return true;
    });
    end('| name | note |\n|---|---|\n| a, b | say "hi" |\n| c \\| d | **e** |\n');
    for (const button of root.querySelectorAll<HTMLElement>('.table-tools button')) button.click();
    await expect.poll(() => copied.length).toBe(2);
    expect(copied).toEqual([
      '| name | note |\n| --- | --- |\n| a, b | say "hi" |\n| c \\| d | **e** |',
      'name,note\r\n"a, b","say ""hi"""\r\nc | d,e\r\n',
    ]);
    expect(toCsv(find(root, 'table'))).toBe(copied[1]);
  });
});

test('CSV has each formula once, keeps line breaks, and has nothing that a spreadsheet would run', async () => {
  const { root, end } = createView();
  end(
    [
      '| n | note |\n| --- | --- |',
      '| 2 | $n^2$ |',
      '| a<br>b | -5 |',
      '| =HYPERLINK("x") | @SUM(1) |',
      '| +1+1 | -2+3 |',
      '| ＝1 | 5% |\n',
    ].join('\n'),
  );
  await expect.poll(() => root.querySelectorAll('.katex').length).toBe(1);
  expect(toCsv(find(root, 'table'))).toBe(
    ['n,note', '2,$n^2$', '"a\nb",-5', `"'=HYPERLINK(""x"")",'@SUM(1)`, "'+1+1,'-2+3", "'＝1,5%", ''].join(
      '\r\n',
    ),
  );
  expect(toMarkdown(find(root, 'table'))).toContain('| a<br>b | -5 |');
});

test('an alert names its kind, in its own colours and in a copy', () => {
  const { root, end } = createView();
  end('> [!WARNING]\n> Mind the **gap**.\n');
  const quote = find(root, 'blockquote');
  expect(quote.dataset.alert).toBe('warning');
  expect(toMarkdown(root)).toBe('> [!WARNING]\n> Mind the **gap**.');
});

describe('a code block', () => {
  test('can be wrapped, and saved under a name with the extension of its language', async () => {
    const { root, show, end } = createView();
    show('```python\nprint(1)\nprint(2)\n');
    const link = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockReturnValue();
    const [wrap, download] = root.querySelectorAll<HTMLElement>('.code-header button');
    expect(download?.title).toBe('Download what is there so far');
    end('```python\nprint(1)\nprint(2)\n```\n');
    expect(download?.title).toBe('Download');
    download?.click();
    expect(
      link.mock.contexts.map((anchor) => (anchor instanceof HTMLAnchorElement ? anchor.download : '')),
    ).toEqual(['code.py']);
    wrap?.click();
    expect(wrap?.getAttribute('aria-pressed')).toBe('true');
    expect(getComputedStyle(find(root, 'pre')).whiteSpace).toBe('pre-wrap');
  });

  test('is coloured while it is written, and keeps its colours', async () => {
    const { root, show } = createView();
    const before = CSS.highlights.get('code-keyword')?.size ?? 0;
    let source = '```ts\n';
    for (let line = 0; line < 40; line += 1) source += `const value${line} = 1;\n`;
    show(source);
    await expect.poll(() => CSS.highlights.get('code-keyword')?.size).toBe(before + 40);
    const kept = [...(CSS.highlights.get('code-keyword') ?? [])].slice(before, before + 32);
    for (let line = 40; line < 50; line += 1) {
      source += `const value${line} = 1;\n`;
      show(source);
    }
    await expect.poll(() => CSS.highlights.get('code-keyword')?.size).toBe(before + 50);
    expect(find(root, 'code').querySelectorAll('span span').length).toBe(0);
    expect(kept.every((range) => range.startContainer.isConnected)).toBe(true);
  });

  test('of 5,000 lines paints only the colours near the screen', async () => {
    const { end } = createView();
    const before = CSS.highlights.get('code-keyword')?.size ?? 0;
    end(
      `\`\`\`ts\n${Array.from({ length: 5000 }, (_, line) => `const value${line} = 1;\n`).join('')}\`\`\`\n`,
    );
    await expect.poll(() => CSS.highlights.get('code-keyword')?.size).toBeGreaterThan(before + 30);
    expect(CSS.highlights.get('code-keyword')?.size).toBeLessThan(before + 400);
  });
});

describe('a formula', () => {
  test('is drawn by KaTeX with a reading for assistive technology once it is closed', async () => {
    const { root, show } = createView();
    show('So $x^2 + 1');
    expect(root.querySelector('[data-tex]')).toBeNull();
    show('So $x^2 + 1$ and');
    await expect.poll(() => root.querySelector('.katex math')).not.toBeNull();
    expect(find(root, 'p').textContent).toContain('and');
  });

  test('that is not TeX shows its source', async () => {
    const { root, end } = createView();
    end('$$\n\\frac{1\n$$\n');
    await expect.poll(() => root.querySelector('.math-failed')).not.toBeNull();
    expect(find(root, '.math-source').textContent).toBe('\\frac{1');
  });
});

describe('a picture', () => {
  test('is fetched only when the user requests it', async () => {
    const { root, end } = createView();
    const created = vi.spyOn(document, 'createElement');
    end('![a cat](https://pictures.example/cat.png)');
    expect(root.querySelector('img')).toBeNull();
    expect(find(root, '.image-card').textContent).toContain('pictures.example');
    expect(created).not.toHaveBeenCalledWith('img');
    find(root, '.image-card button').click();
    const picture = created.mock.results
      .map(({ value }) => value)
      .find((value) => value instanceof HTMLImageElement);
    expect(picture?.src).toBe('https://pictures.example/cat.png');
    expect(picture?.referrerPolicy).toBe('no-referrer');
  });
});

describe('no prefix of a hostile text', () => {
  beforeEach(() => performance.clearResourceTimings());

  test('runs, links or fetches anything it should not', { timeout: slowMs }, async () => {
    const alert = vi.spyOn(window, 'alert').mockReturnValue();
    for (const text of hostileTexts) {
      const { root, show, end, view } = createView();
      const source = `${text}\n\nafter`;
      for (let length = 1; length <= source.length; length += 1) {
        show(source.slice(0, length));
        expectHarmless(root, source.slice(0, length));
      }
      end(source);
      expectHarmless(root, source);
      view.destroy();
    }
    expect(alert).not.toHaveBeenCalled();
    const foreign = performance
      .getEntriesByType('resource')
      .filter(({ name }) => !name.startsWith(location.origin) && !name.startsWith('data:'));
    expect(foreign).toEqual([]);
  });
});

function expectHarmless(root: HTMLElement, source: string): void {
  for (const element of root.querySelectorAll('*')) {
    if (element.closest('.katex')) {
      if (element.matches('a, img, script')) throw new Error(`${element.tagName} in a formula of ${source}`);
      continue;
    }
    const isHarmful = element.matches(
      'script, iframe, svg, style, object, embed, base, form, link, meta, video, audio',
    );
    const isPicture = element.matches('img:not([src^="data:image/png;base64,"])');
    if (isHarmful || isPicture) throw new Error(`${element.outerHTML} in ${source}`);
    for (const { name, value } of element.attributes) {
      // Rill itself sets the space that a button reserves for its label.
      const isOwnStyle = element.matches('.block-button') && /^--characters: \d+;?$/.test(value);
      const isBad =
        (/^on|^style$|^srcset$|^ping$/.test(name) && !isOwnStyle) ||
        (name === 'href' && !/^(https?:|mailto:)/.test(value));
      if (isBad) throw new Error(`${name}=${value} in ${source}`);
    }
  }
}
