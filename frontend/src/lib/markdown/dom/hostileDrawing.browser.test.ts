import { afterEach, expect, test } from 'vitest';
import '../../../styles/index.css';
import '../../view/message/content/markdown.css';
import '../../view/message/content/markdownBlocks.css';
import { messageStrings } from '../../view/strings/messageStrings.ts';
import type { MarkdownLabels } from './markdownDrawing.ts';
import { MarkdownView } from './markdownView.ts';
import { PageDrawing } from './pageDrawing.ts';

/** Time limit of tests that work hard; a busy machine needs more than usual. */
const slowMs = 120_000;
const views: MarkdownView[] = [];

function createView(labels: MarkdownLabels = messageStrings.markdown) {
  const root = document.createElement('div');
  root.className = 'markdown';
  document.body.append(root);
  const view = new MarkdownView(root, { page: new PageDrawing(), labels, copyText: async () => true });
  views.push(view);
  return { root, view };
}

afterEach(() => {
  for (const view of views.splice(0)) view.destroy();
  document.body.replaceChildren();
});

test('a long source is drawn in slices, with the same result as one drawn at once', {
  timeout: slowMs,
}, async () => {
  const source = '| a | b |\n|---|---|\n'.concat('|c|d|\n'.repeat(12_000));
  const { root, view } = createView();
  view.update(source, false);
  const rowsAtFirst = root.querySelectorAll('tr').length;
  expect(rowsAtFirst).toBeGreaterThan(0);
  expect(rowsAtFirst).toBeLessThan(12_001);
  await expect.poll(() => root.querySelectorAll('tr').length, { timeout: 60_000 }).toBe(12_001);
  expect(root.querySelectorAll('table').length).toBe(1);
});

test('much text that arrives at once in a live answer is drawn in slices, even after its end', {
  timeout: slowMs,
}, async () => {
  const source = '| a | b |\n|---|---|\n'.concat('||\n'.repeat(12_000));
  const rows = (root: HTMLElement) => root.querySelectorAll('tr').length;
  const { root, view } = createView();
  view.update(source.slice(0, 18_000), true);
  view.flush();
  const rowsAtFirst = rows(root);
  expect(rowsAtFirst).toBeGreaterThan(0);
  expect(rowsAtFirst).toBeLessThan(5900);
  view.update(source, false);
  expect(rows(root)).toBeLessThan(12_000);
  await expect.poll(() => rows(root), { timeout: 60_000 }).toBe(12_001);
  const stored = createView();
  stored.view.update(source, false);
  await expect.poll(() => rows(stored.root), { timeout: 60_000 }).toBe(12_001);
  expect(root.innerHTML === stored.root.innerHTML).toBe(true);
});

test('when a text ends while its last slices are drawn, its end is drawn once', {
  timeout: slowMs,
}, async () => {
  const source = 'One paragraph.\n\n'.repeat(20_000);
  const paragraphs = (root: HTMLElement) => root.querySelectorAll('p').length;
  const { root, view } = createView();
  view.update(source.slice(0, 100), true);
  view.flush();
  view.update(source, false);
  view.update(source, false);
  expect(paragraphs(root)).toBeLessThan(20_000);
  await expect.poll(() => paragraphs(root), { timeout: 60_000 }).toBe(20_000);
});

test.each([
  ['\u05e9\u05dc\u05d5\u05dd hello', 'rtl'],
  ['12: \u0645\u0631\u062d\u0628\u0627', 'rtl'],
  ['hello \u05e9\u05dc\u05d5\u05dd', 'ltr'],
])('a block has the direction of its first letter as soon as that is there: %s', (source, direction) => {
  const written = createView();
  for (let end = 1; end <= source.length; end += 1) {
    written.view.update(source.slice(0, end), true);
    written.view.flush();
    const isDirected = /\p{L}/u.test(source.slice(0, end));
    expect(written.root.querySelector('p')?.dir ?? '').toBe(isDirected ? direction : '');
  }
  written.view.update(source, false);
  const stored = createView();
  stored.view.update(source, false);
  for (const { root } of [written, stored]) expect(root.querySelector('p')?.dir).toBe(direction);
});

test('when drawing fails the whole source is shown, while it streams and when it is stored', () => {
  const broken: MarkdownLabels = {
    ...messageStrings.markdown,
    codeRegion: () => {
      throw new Error('no words for it');
    },
  };
  const source = 'Before.\n\n```js\nlet a = 1;\n```\n\nAfter.';
  const stored = createView(broken);
  stored.view.update(source, false);
  expect(stored.root.textContent).toBe(source);
  const written = createView(broken);
  written.view.update(source.slice(0, 20), true);
  written.view.flush();
  written.view.update(source, true);
  written.view.flush();
  expect(written.root.textContent).toBe(source);
  written.view.update(`${source} More.`, false);
  expect(written.root.textContent).toBe(`${source} More.`);
});
