import { afterEach, expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { answerDocuments } from '../../../../markdown/sampleDocuments.ts';
import { readTextAtOnce } from '../../../comfort/comfortChoices.ts';
import Markdown from '../Markdown.svelte';

afterEach(() => {
  readTextAtOnce().value = false;
});

/** Gives a text in bursts, and notes every text that was drawn in between. */
async function stream(source: string, burstCharacters: number, isEnded = true) {
  const screen = await render(Markdown, { source: '', isStreaming: true, flow: 'paced' });
  const root = screen.container.querySelector('.markdown');
  if (!root) throw new Error('Nothing is drawn.');
  const drawn: string[] = [];
  const observer = new MutationObserver(() => drawn.push(root.textContent));
  observer.observe(root, { childList: true, subtree: true, characterData: true });
  for (let end = burstCharacters; end < source.length; end += burstCharacters)
    await screen.rerender({ source: source.slice(0, end) });
  await screen.rerender({ source, isStreaming: !isEnded });
  return { root, drawn, screen };
}

test.each(answerDocuments.slice(0, 4).map((source, index) => [index, source] as const))(
  'a paced answer ends as one that was drawn in one go (%i)',
  async (_index, source) => {
    const whole = await render(Markdown, { source, isStreaming: false });
    const { root } = await stream(source, 150);
    const wanted = whole.container.querySelector('.markdown')?.textContent ?? '';
    await expect.poll(() => root.textContent).toBe(wanted);
    await expect.poll(() => root.querySelector('[data-caret]')).toBeNull();
  },
);

test('a burst is drawn in several steps, and at once for a user who wants that', async () => {
  const words = 'Tides are long waves. '.repeat(6);
  const paced = await stream(words, words.length, false);
  await expect.poll(() => paced.root.textContent.trim()).toBe(words.trim());
  expect(paced.drawn.length).toBeGreaterThan(3);
  await paced.screen.unmount();
  readTextAtOnce().value = true;
  const atOnce = await stream(words, words.length, false);
  expect(atOnce.root.textContent.trim()).toBe(words.trim());
});
