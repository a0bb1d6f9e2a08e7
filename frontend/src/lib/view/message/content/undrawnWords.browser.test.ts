import type { Message as MessageEntity } from '@rill/protocol';
import { afterEach, expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import '../../../../styles/index.css';
import Message from '../Message.svelte';
import { messageFixture } from '../messageFixtures.ts';
import { readReasoningChoice } from './reasoningChoice.ts';

afterEach(() => {
  readReasoningChoice().value = false;
  document.body.replaceChildren();
});

/** An answer so far below the view that it is not drawn, and all texts that stood for it so far. */
async function renderFarBelow(changes: Partial<MessageEntity>) {
  const item = document.createElement('div');
  item.className = 'item';
  item.style.marginBlockStart = '20000px';
  document.body.append(item);
  const message = messageFixture(changes);
  await render(Message, { target: item, props: { message, isDeferred: true } });
  const words = () => item.querySelector('.is-source')?.textContent;
  const seen = new Set([words()]);
  new MutationObserver(() => seen.add(words())).observe(item, {
    subtree: true,
    childList: true,
    characterData: true,
  });
  return { item, words, seen };
}

/** What a reader sees once it is drawn. */
async function drawnWords(changes: Partial<MessageEntity>): Promise<string> {
  const screen = await render(Message, { message: messageFixture(changes) });
  const texts = [...screen.container.querySelectorAll<HTMLElement>('.markdown')].map(
    ({ innerText }) => innerText,
  );
  await screen.unmount();
  return texts.join(' ').replace(/\s+/g, ' ').trim();
}

const oneLine = (text: string | undefined | null) => (text ?? '').replace(/\s+/g, ' ').trim();

const cutShort = { status: 'cancelled', finishReason: null } as const;
const answers: readonly [name: string, changes: Partial<MessageEntity>][] = [
  [
    'a complete answer',
    { content: 'A **bold `claim`** and [a page](https://example.com).\n\n- *one*\n- two' },
  ],
  ['an answer that was cut inside emphasis', { ...cutShort, content: 'All said.\n\nA **bold cla' }],
  ['an answer that was cut inside a link', { ...cutShort, content: 'See [the page](https://exam' }],
  ['an answer that was cut inside code', { ...cutShort, content: 'Call `run(' }],
];

test.each(answers)(
  'of %s that is not drawn, the words that are shown are found and no marks',
  async (_name, changes) => {
    const { words, seen } = await renderFarBelow(changes);
    const shown = await drawnWords(changes);
    await expect.poll(() => oneLine(words())).toBe(shown);
    expect([...seen].join(' ')).not.toMatch(/[*`[\]]/);
    expect(words()).toBe([...seen].at(-1));
  },
);

test('the reasoning is among them where it would be shown, without marks, also where it was cut', async () => {
  const changes = { ...cutShort, content: '', reasoning: 'I *think* that **this i' };
  const closed = await renderFarBelow({ ...changes, content: 'So **it is' });
  await expect.poll(() => closed.words()).toBe('So it is');
  readReasoningChoice().value = true;
  const open = await renderFarBelow(changes);
  await expect.poll(() => open.words()).toBe('I think that this i');
  expect(await drawnWords(changes)).toBe('I think that this i');
});
