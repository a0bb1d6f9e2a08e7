import { emptyRunView, type RunView } from '@rill/protocol';
import { describe, expect, it } from 'vitest';
import { type FoundText, WatchedRun } from './watchedRun.svelte.ts';

/** The text that counts as found after these views, each as [seq, length of the answer, length of the reasoning]. */
async function foundAfter(...positions: [number, number, number][]): Promise<FoundText | null> {
  const views = positions.map(([seq, contentLength, reasoningLength]): RunView => {
    const view = emptyRunView('r1');
    const content = 'x'.repeat(contentLength);
    return { ...view, content, cursor: { ...view.cursor, seq, contentLength, reasoningLength } };
  });
  const live = new WatchedRun({
    key: 'k1',
    startedAtMs: 0,
    scheduleFrame: () => () => undefined,
    announcer: { announce: () => undefined },
    onStart: () => undefined,
    onConnectionLost: () => undefined,
  });
  await live.follow(async () => frames(views));
  return live.foundText;
}

async function* frames(views: readonly RunView[]) {
  for (const view of views) {
    yield { type: 'frame', frame: { cursor: view.cursor, event: never }, view } as const;
  }
}
const never = { type: 'chunk', data: { content: 'x', done: false } } as const;

describe('the text that was written before a page saw any arrive', () => {
  it('is none in an answer that is seen from its start', async () => {
    expect(await foundAfter([1, 0, 0], [2, 5, 0])).toEqual({ contentLength: 0, reasoningLength: 0 });
    expect(await foundAfter([1, 0, 0], [2, 0, 0], [3, 0, 7], [4, 5, 7])).toEqual({
      contentLength: 0,
      reasoningLength: 0,
    });
  });

  it('is the merged text that arrives when a running answer is opened later, in one part or in several', async () => {
    expect(await foundAfter([1, 0, 0], [80, 900, 0])).toBeNull();
    expect(await foundAfter([1, 0, 0], [80, 900, 0], [81, 910, 0])).toEqual({
      contentLength: 900,
      reasoningLength: 0,
    });
    expect(await foundAfter([1, 0, 0], [80, 0, 300], [80, 500, 300], [80, 900, 300], [82, 910, 300])).toEqual(
      { contentLength: 900, reasoningLength: 300 },
    );
  });

  it('is what another tab had read', async () => {
    expect(await foundAfter([80, 900, 0], [81, 905, 0])).toEqual({ contentLength: 900, reasoningLength: 0 });
  });

  it('does not change when a later break is caught up with', async () => {
    expect(await foundAfter([1, 0, 0], [2, 5, 0], [60, 800, 0])).toEqual({
      contentLength: 0,
      reasoningLength: 0,
    });
  });
});
