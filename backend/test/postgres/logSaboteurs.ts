/** Lists logs that are wrong in one thing each, which the interleavings must notice. */
import { fromRow } from '../../src/log/eventLog.ts';
import { type LogStatements, logStatements } from '../../src/log/postgres/logStatements.ts';
import type { Saboteur } from './fenceInterleavings.ts';

/** The product's statements, with one part of those that append replaced. */
function replaced(part: string, by: string): LogStatements {
  const change = (text: string) => {
    if (!text.includes(part)) throw new Error(`The statement has no "${part}".`);
    return text.replace(part, by);
  };
  return {
    ...logStatements,
    append: (slot) => change(logStatements.append(slot)),
    repeat: (slot) => change(logStatements.repeat(slot)),
  };
}

/** Reads what was inserted after the last event that any reader got, as if all were committed in that order. */
const readByInsertion: NonNullable<Saboteur['wrap']> = (log, stage) => {
  const state = { last: 0 };
  return {
    ...log,
    async readAfter(positions) {
      const ids = positions.map(({ runId }) => runId);
      const tables = [0, 1, 2, 3, 4, 5].map((slot) => `SELECT * FROM run_events_${slot}`).join(' UNION ALL ');
      const { rows } = await stage.query(
        `SELECT * FROM (${tables}) AS e WHERE run_id = ANY ($1) AND inserted > $2 ORDER BY inserted`,
        [ids, state.last],
      );
      state.last = Math.max(state.last, ...rows.map(({ inserted }) => Number(inserted)));
      return rows.map(fromRow);
    },
  };
};

export const saboteurs: readonly Saboteur[] = [
  { does: 'takes no lock', statements: replaced('FOR SHARE OF n', '') },
  { does: 'takes the lock of a foreign key', statements: replaced('FOR SHARE OF n', 'FOR KEY SHARE OF n') },
  { does: 'stores a run without a lock', sendsUnderLock: false },
  { does: 'ignores the epoch', statements: replaced(' AND x.epoch = w.epoch', '') },
  {
    does: 'publishes before the commit',
    wrap: (log) => ({
      ...log,
      append: (...parameters) => {
        void log.append(...parameters).catch(() => undefined);
        return Promise.resolve();
      },
    }),
  },
  { does: 'reads in the order of insertion', wrap: readByInsertion },
  {
    does: 'repeats without comparing',
    statements: { ...logStatements, compare: (slot) => `${logStatements.compare(slot)} AND false` },
  },
];
