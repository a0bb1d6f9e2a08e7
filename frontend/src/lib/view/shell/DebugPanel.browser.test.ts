import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { answerDocuments } from '../../markdown/sampleDocuments.ts';
import Markdown from '../message/content/Markdown.svelte';
import DebugPanel from './DebugPanel.svelte';
import { DebugFacts, debugFactsKey, isDebugging } from './debugFacts.svelte.ts';

test('counts the streamed texts that were checked and the blocks that had to be corrected', async () => {
  const facts = new DebugFacts();
  const panel = await render(DebugPanel, { facts });
  expect(panel.container.textContent).toContain('0 streamed texts checked, 0 blocks corrected');
  const source = answerDocuments[0] ?? '';
  const text = await render(Markdown, {
    props: { source, isStreaming: true },
    context: new Map([[debugFactsKey, facts]]),
  });
  await expect.poll(() => text.container.querySelector('.markdown')?.childElementCount).toBeGreaterThan(3);
  await text.rerender({ isStreaming: false });
  await expect
    .poll(() => panel.container.textContent)
    .toContain('1 streamed text checked, 0 blocks corrected');
});

test('is opened by the address', () => {
  expect(isDebugging({ search: '?debug' } as Location)).toBe(true);
  expect(isDebugging({ search: '' } as Location)).toBe(false);
});
