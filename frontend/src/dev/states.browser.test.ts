import axe from 'axe-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import '../styles/index.css';
import StatesPage from './StatesPage.svelte';
import { type Story, stories } from './stories.ts';

/** The pointer may lie anywhere: what shows below it is there at once, and not half-way when axe looks. */
const withoutTransitions = new CSSStyleSheet();
withoutTransitions.replaceSync('*, ::before, ::after { transition-duration: 0s !important; }');

beforeEach(() => {
  document.documentElement.lang = 'en';
  document.adoptedStyleSheets = [withoutTransitions];
});
afterEach(async () => {
  delete document.documentElement.dataset.theme;
  await page.viewport(1280, 800);
});

/** Draws a state, waits for its words and for the code that is loaded on demand, and takes its picture. */
async function show(story: Story, theme: 'light' | 'dark', widthPx: number) {
  document.documentElement.dataset.theme = theme;
  await page.viewport(widthPx, 800);
  const screen = await render(StatesPage, { id: story.id });
  await expect.poll(() => screen.container.querySelector('section')?.innerText).toContain(story.words.at(-1));
  const isFormulaDrawn = () => screen.container.querySelector('[data-tex] > .math-source') === null;
  await expect.poll(isFormulaDrawn).toBe(true);
  // What only comes when it lasts is at its end.
  for (const animation of document.getAnimations()) {
    if (animation.effect?.getTiming().iterations === 1) animation.finish();
  }
  await page.screenshot({ path: `../../../test-results/states/${story.id}-${theme}-${widthPx}.png` });
  return screen.container;
}

test('every state of an answer has a story of its own', () => {
  const ids = stories.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual(
    expect.arrayContaining([
      ...['sending', 'waiting', 'streaming', 'stopping', 'stopped', 'output-limit', 'timed-out'],
      ...['provider-error', 'reconnecting', 'resumed', 'interrupted', 'queued', 'elsewhere'],
    ]),
  );
});

describe.each(stories)('the state "$title"', (story) => {
  test.each(['light', 'dark'] as const)('says what it is, and axe finds nothing in it, %s', async (theme) => {
    const container = await show(story, theme, 1280);
    const shown = container.querySelector('section')?.innerText.replaceAll(/\s+/g, ' ') ?? '';
    for (const words of story.words) expect(shown).toContain(words);
    const { violations } = await axe.run(container, { rules: { region: { enabled: false } } });
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    expect(found.join('\n')).toBe('');
  });

  test('fits a screen 320 px wide', async () => {
    const container = await show(story, 'light', 320);
    const main = container.querySelector('main');
    expect(main?.scrollWidth).toBe(main?.clientWidth);
    for (const button of container.querySelectorAll('.message-footer button, .delivery button')) {
      expect(button.getBoundingClientRect().right).toBeLessThanOrEqual(320);
    }
  });
});
