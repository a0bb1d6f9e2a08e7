/** Tests the figures of a cell with a page that only counts: streamed, estimated and refused cells. */
import { expect, test } from 'vitest';
import { createDocument } from './documents.ts';
import { measureStream, type StreamPage, type StreamPlan } from './measureStream.ts';

const text = createDocument('prose', 4000);
const plan: StreamPlan = {
  text,
  flushCharacters: 10,
  isSampled: false,
  windowFlushes: 20,
  windowMs: 1000,
  limitMs: 1000,
};

interface CountingPage extends StreamPage {
  readonly streamed: [from: number, to: number][];
}

/** Makes a page whose flush costs `costMs`, which may depend on the shown length. */
function createPage(costMs: (characters: number) => number, options = { shown: text }): CountingPage {
  const streamed: [from: number, to: number][] = [];
  let characters = 0;
  let spentMs = 0;
  return {
    streamed,
    async start() {
      characters = 0;
    },
    async skipTo(count) {
      characters = Math.max(characters, count);
    },
    async stream({ to, flushCharacters, limitMs }) {
      const from = characters;
      const flushMs: number[] = [];
      const wallMs = () => flushMs.reduce((sum, each) => sum + each, 0);
      while (characters < to && wallMs() < limitMs) {
        characters = Math.min(to, characters + flushCharacters);
        flushMs.push(costMs(characters));
      }
      streamed.push([from, characters]);
      spentMs += wallMs();
      return { flushMs, wallMs: wallMs(), longTasks: flushMs.filter((each) => each > 50).length };
    },
    finish: async () => ({ text: options.shown, elements: 3 }),
    times: async () => ({ scriptMs: spentMs, styleMs: 0, layoutMs: 0, taskMs: spentMs }),
  };
}

test('a whole stream shows every character once, in two halves', async () => {
  const page = createPage(() => 1);
  const figures = await measureStream(page, plan);
  expect(page.streamed).toEqual([
    [0, 2000],
    [2000, 4000],
  ]);
  expect(figures).toMatchObject({ method: 'whole', totalMs: 400, growth: 2, p99Ms: 1, elements: 3 });
});

test('growth is 4 when the cost of a flush is proportional to the length', async () => {
  const { growth } = await measureStream(
    createPage((characters) => characters / 4000),
    plan,
  );
  expect(growth).toBeCloseTo(4, 1);
});

test('a sampled stream is measured in five windows and estimated between them', async () => {
  const page = createPage(() => 1);
  const figures = await measureStream(page, { ...plan, isSampled: true });
  expect(page.streamed).toEqual([
    [0, 200],
    [950, 1150],
    [1900, 2100],
    [2850, 3050],
    [3800, 4000],
  ]);
  expect(figures).toMatchObject({ method: 'sampled', totalMs: 400, wallMs: 400, growth: 2 });
});

test('a sampled stream with windows cut short counts the flushes that were made', async () => {
  const page = createPage(() => 300);
  const figures = await measureStream(page, { ...plan, isSampled: true });
  expect(page.streamed[0]).toEqual([0, 40]);
  expect(figures).toMatchObject({ totalMs: 120_000, longTasks: 400 });
});

test('a stream beyond its limit has figures of its stalls but no total', async () => {
  const figures = await measureStream(
    createPage(() => 20),
    plan,
  );
  expect(figures).toMatchObject({ method: 'over limit', totalMs: Number.NaN, maxMs: 20 });
});

test.each(['', text.slice(0, 3000), text + text])(
  'a page that does not show the text is refused',
  async (shown) => {
    await expect(
      measureStream(
        createPage(() => 1, { shown }),
        plan,
      ),
    ).rejects.toThrow('of the document');
  },
);

test('words that a renderer adds to the text are allowed', async () => {
  const page = createPage(() => 1, { shown: `${text} Copy Download Wrap` });
  expect((await measureStream(page, plan)).textShare).toBeGreaterThan(1);
});
