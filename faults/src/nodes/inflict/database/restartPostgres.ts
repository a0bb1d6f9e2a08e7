/** Stops Postgres, properly or as in a crash, and starts it again after a while; no answer may end because of it. */
import { setTimeout } from 'node:timers/promises';
import { type NodeFault, noHarm } from '../../nodeFault.ts';

export const restartPostgres: NodeFault = {
  name: 'postgres-restart',
  meaning: 'stop Postgres, properly or as by a crash, for up to 12 s, and start it again',
  async inflict({ postgres }, { random, note }) {
    const mode = random.pick(['fast', 'immediate'] as const);
    const pauseMs = random.pick([0, 500, 3000, 12_000]);
    note(`Postgres stops (${mode}) for ${pauseMs} ms`);
    await postgres.stop(mode);
    await setTimeout(pauseMs);
    await postgres.start();
    return noHarm;
  },
};
