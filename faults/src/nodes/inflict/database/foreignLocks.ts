/** Lets a foreign session lock a table that all nodes write, as maintenance does, and release it. */
import { type NodeFault, noHarm } from '../../nodeFault.ts';

export const foreignLocks: NodeFault = {
  name: 'locks',
  meaning: 'lock the runs, the chats or the events from another session for up to 8 s',
  async inflict(cluster, { random, note }) {
    const table = random.pick(['runs', 'chats', 'messages', 'run_events_0', 'owner_feeds']);
    const lockedSeconds = random.pick([1, 3, 8]);
    note(`${table} is locked for ${lockedSeconds} s`);
    await cluster.rows(
      `DO $$ BEGIN
         LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE;
         PERFORM pg_sleep(${lockedSeconds});
       END $$`,
    );
    return noHarm;
  },
};
