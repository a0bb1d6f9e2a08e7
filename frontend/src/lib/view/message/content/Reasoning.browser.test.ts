import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import '../../../../styles/index.css';
import Message from '../Message.svelte';
import { messageFixture } from '../messageFixtures.ts';
import Reasoning from './Reasoning.svelte';
import { readReasoningChoice } from './reasoningChoice.ts';

const thought = (count: number) =>
  Array.from({ length: count }, (_, index) => `Thought ${index} about tides.`).join('\n\n');

beforeEach(() => {
  readReasoningChoice().value = false;
});
afterEach(() => {
  readReasoningChoice().value = false;
});

async function start(paragraphs: number, isThinking: boolean) {
  const props = { reasoning: thought(paragraphs), isThinking, durationMs: 2000 };
  const screen = await render(Reasoning, props);
  const toggle = screen.container.querySelector('button');
  if (!toggle) throw new Error('There is no disclosure.');
  const region = () => screen.container.querySelector('section');
  const box = () => {
    const section = region();
    if (!section) throw new Error('The disclosure is closed.');
    return section;
  };
  return { screen, toggle, region, box, show: (next: Partial<typeof props>) => screen.rerender(next) };
}

const endOf = (box: Element) => box.scrollHeight - box.clientHeight - box.scrollTop;
const allAnimationsEnded = () =>
  Promise.allSettled(document.getAnimations().map((animation) => animation.finished));

test('is closed until it is opened once, and then opens as it was left last', async () => {
  const first = await start(2, false);
  expect(first.region()).toBeNull();
  first.toggle.click();
  await expect.element(first.toggle).toHaveAttribute('aria-expanded', 'true');
  const message = messageFixture({ reasoning: thought(2) });
  const next = await render(Message, { message });
  expect(next.container.querySelector('section')?.textContent).toContain('Thought 1 about tides.');
  first.toggle.click();
  await expect.element(first.toggle).toHaveAttribute('aria-expanded', 'false');
  const last = await render(Message, { message: { ...message, id: 'answer-2' } });
  expect(last.container.querySelector('section')).toBeNull();
});

test('is as high while it grows as when it is done, and its end stays in view', async () => {
  readReasoningChoice().value = true;
  const { box, show } = await start(1, true);
  const heightPx = box().clientHeight;
  await show({ reasoning: thought(40) });
  await expect.poll(() => box().textContent).toContain('Thought 39');
  await expect.poll(() => endOf(box())).toBeLessThan(2);
  expect(box().clientHeight).toBe(heightPx);
  await show({ isThinking: false });
  await allAnimationsEnded();
  expect(box().clientHeight).toBe(heightPx);
});

test('a user who scrolls up in it stays where they are while it grows', async () => {
  readReasoningChoice().value = true;
  const { box, show } = await start(40, true);
  await expect.poll(() => box().scrollHeight).toBeGreaterThan(box().clientHeight * 2);
  await expect.poll(() => endOf(box())).toBeLessThan(2);
  const hasScrolled = new Promise((resolve) => box().addEventListener('scroll', resolve, { once: true }));
  box().scrollTop = 50;
  await hasScrolled;
  await show({ reasoning: thought(60) });
  await expect.poll(() => box().textContent).toContain('Thought 59');
  expect(box().scrollTop).toBe(50);
});

test('never closes by itself', async () => {
  const { toggle, show, region } = await start(3, true);
  toggle.click();
  await show({ isThinking: false, durationMs: 12_000 });
  await expect.element(toggle).toHaveTextContent('Thought for 12 s');
  expect(region()).not.toBeNull();
});

test('closes from the height it has', async () => {
  readReasoningChoice().value = true;
  const { toggle, box } = await start(3, false);
  const heightPx = box().clientHeight;
  const closing = box();
  const animate = vi.spyOn(closing, 'animate');
  toggle.click();
  await expect.poll(() => closing.isConnected).toBe(false);
  const keyframes = animate.mock.calls.flatMap(([frames]) => (Array.isArray(frames) ? frames : []));
  const heightsPx = keyframes.map(({ height }) => Number.parseFloat(String(height))).filter(Number.isFinite);
  expect(heightsPx[0]).toBeCloseTo(heightPx, 0);
  expect(heightsPx.at(-1)).toBe(0);
});
