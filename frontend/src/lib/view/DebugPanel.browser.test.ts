import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { answerDocuments } from '../markdown/sampleDocuments.ts';
import DebugPanel from './DebugPanel.svelte';
import { isDebugging } from './debugFacts.svelte.ts';
import Markdown from './Markdown.svelte';

test('counts the streamed texts that were checked and the blocks that had to be corrected', async () => {
  const panel = await render(DebugPanel);
  expect(panel.container.textContent).toContain('0 streamed texts checked, 0 blocks corrected');
  const source = answerDocuments[0] ?? '';
  const text = await render(Markdown, { source, isStreaming: true });
  await expect.poll(() => text.container.querySelector('.markdown')?.childElementCount).toBeGreaterThan(3);
  await text.rerender({ isStreaming: false });
  await expect
    .poll(() => panel.container.textContent)
    .toContain('1 streamed text checked, 0 blocks corrected');
});

test('is asked for by the address', () => {
  expect(isDebugging({ search: '?debug' } as Location)).toBe(true);
  expect(isDebugging({ search: '' } as Location)).toBe(false);
});
