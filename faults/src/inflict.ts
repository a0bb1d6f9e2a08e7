/** Inflicts the faults: damage to the server, its disk and its lines in the middle of a round. */
import { setTimeout } from 'node:timers/promises';
import type { SeededRandom } from './seededRandom.ts';
import { StoredRuns } from './storedRuns.ts';
import type { World } from './world.ts';

export const faultKinds = ['kill', 'stop', 'cut', 'drain', 'full'] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface Inflicted {
  /** When the server died, in milliseconds since the Unix epoch; null when it survived. */
  readonly diedAtMs: number | null;
  /** From the ready line of the next server until no run was left as the dead one had left it, in milliseconds. */
  readonly recoveryMs: number | null;
}

const unharmed: Inflicted = { diedAtMs: null, recoveryMs: null };

/** Inflicts one fault, and resolves when it is over: the server runs and can be reached. */
export async function inflict(kind: FaultKind, world: World, random: SeededRandom): Promise<Inflicted> {
  switch (kind) {
    case 'kill':
      return killAndStart(world, random);
    case 'drain':
      return drainAndStart(world);
    case 'stop':
      return stopAndContinue(world, random);
    case 'cut':
      return cutLines(world, random);
    case 'full':
      return fillAndFree(world, random);
  }
}

async function killAndStart(world: World, random: SeededRandom): Promise<Inflicted> {
  const { server } = world;
  const diedAtMs = Date.now();
  await server.kill9();
  if (random.isLikely(0.2)) {
    // It dies once more while it starts, or shortly after.
    const starting = server.start().catch(() => undefined);
    await setTimeout(random.integer(0, 600));
    await server.kill9();
    await starting;
  }
  await server.start();
  return { diedAtMs, recoveryMs: await timeToRecover(world, diedAtMs) };
}

async function timeToRecover({ data }: World, diedAtMs: number): Promise<number> {
  const readyAtMs = performance.now();
  const stored = new StoredRuns(data.path);
  try {
    // Bounded by the time limit of the round; exceeding that is a violation.
    while (stored.countLeft(diedAtMs) > 0) await setTimeout(5);
    return performance.now() - readyAtMs;
  } finally {
    stored.close();
  }
}

async function drainAndStart({ server }: World): Promise<Inflicted> {
  const diedAtMs = Date.now();
  server.kill('SIGTERM');
  const code = await server.ended();
  if (code !== 0) throw new Error(`SIGTERM ended the server with ${code}: ${server.lastOutput}`);
  await server.start();
  return { diedAtMs, recoveryMs: null };
}

async function stopAndContinue({ server }: World, random: SeededRandom): Promise<Inflicted> {
  server.kill('SIGSTOP');
  await setTimeout(random.pick([50, 300, 1500]));
  server.kill('SIGCONT');
  return unharmed;
}

async function cutLines({ proxy }: World, random: SeededRandom): Promise<Inflicted> {
  const cutCount = random.integer(1, 4);
  for (let cut = 0; cut < cutCount; cut += 1) {
    const share = random.pick([0.3, 0.7, 1]);
    if (random.isLikely(0.3)) {
      // The connections are dead for a while before either end notices.
      proxy.blackHole(() => random.isLikely(share));
      await setTimeout(random.integer(50, 500));
      proxy.cut(() => true);
    } else proxy.cut(() => random.isLikely(share));
    await setTimeout(random.integer(0, 200));
  }
  return unharmed;
}

async function fillAndFree({ data }: World, random: SeededRandom): Promise<Inflicted> {
  data.fill();
  await setTimeout(random.integer(100, 1500));
  data.free();
  return unharmed;
}
