/** Runs interleavings of one seed after another, several at a time, and collects what they found. */
import { interleave, Random, type Saboteur } from './fenceInterleavings.ts';
import { openFenceWorld } from './fenceWorld.ts';

export interface InterleavingRuns {
  /** A database of its own, whose tables this changes. */
  readonly url: string;
  readonly firstSeed: number;
  readonly count: number;
  readonly saboteur?: Saboteur;
  /** Ends with the first violation. */
  readonly untilFound?: boolean;
  readonly onDone?: (done: number) => void;
}

export interface Found {
  readonly seed: number;
  readonly violation: string;
}

const stageCount = 4;

export async function runInterleavings(runs: InterleavingRuns): Promise<Found[]> {
  const world = await openFenceWorld(runs.url);
  const found: Found[] = [];
  const state = { next: runs.firstSeed, done: 0 };
  const isOver = () =>
    state.next >= runs.firstSeed + runs.count || (runs.untilFound === true && found.length > 0);
  const work = async () => {
    const stage = await world.openStage();
    while (!isOver()) {
      const seed = state.next;
      state.next += 1;
      const violations = await interleave({
        world,
        stage,
        random: new Random(seed),
        saboteur: runs.saboteur,
      });
      found.push(...violations.map((violation) => ({ seed, violation })));
      state.done += 1;
      runs.onDone?.(state.done);
    }
    await stage.close();
  };
  await Promise.all(Array.from({ length: stageCount }, work));
  await world.close();
  return found;
}
