/**
 * Tests that endless runs are cut for the browser, and that the text, its copy and its final state equal the source.
 */
import { expect, test } from 'vitest';
import { TextView } from './textView.ts';

const marks = (count: number) => '\u0301'.repeat(count);

test.each([
  [
    'a plain text',
    'Some words, \u0627\u0644\u0633\u0644\u0627\u0645 \u0639\u0644\u064a\u0643\u0645, e\u0301',
  ],
  ['a letter with thirty-two marks', `a${marks(32)} b`],
  ['many words of joined letters', '\u0628\u062d\u062b '.repeat(500)],
])('%s is one text node', (_, text) => {
  expect(new TextView(text).dom).toBeInstanceOf(Text);
});

const endless = [
  ['a letter with many marks', `before a${marks(1000)} behind`],
  ['joined letters', `before ${'\u0628'.repeat(1000)} behind`],
  ['joined letters with vowels', '\u0628\u064b'.repeat(500)],
  ['skin tones', `👩${'🏽'.repeat(200)}.`],
] as const;

test.each(endless)('%s is cut into fragments that together are the text', (_, text) => {
  const { dom } = new TextView(text);
  expect(dom.textContent).toBe(text);
  expect(dom.childNodes.length).toBeGreaterThan(3);
  for (const { textContent } of dom.childNodes) expect(textContent?.length).toBeLessThanOrEqual(512);
});

test.each(endless)('%s that grows by any step looks in the end as if drawn at once', (_, text) => {
  const whole = new TextView(text).dom;
  for (const step of [1, 7, 100]) {
    let view = new TextView('');
    for (let length = step; length < text.length + step; length += step) {
      const shown = text.slice(0, length);
      if (!view.extend(shown.slice(length - step)) && !view.update(shown)) view = new TextView(shown);
    }
    expect(view.dom.isEqualNode(whole)).toBe(true);
    expect(view.isIntact).toBe(true);
  }
});

test('fragments that do not change keep their nodes while a text grows', () => {
  const view = new TextView(`a${marks(1000)}`);
  const [first, second] = view.dom.childNodes;
  expect(view.update(`a${marks(2000)}`)).toBe(true);
  expect(view.dom.childNodes[0]).toBe(first);
  expect(view.dom.childNodes[1]).toBe(second);
});
