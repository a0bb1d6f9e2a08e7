/** Checks that readers of the feed received the stored changes in their order, and the end of every run. */
import { setTimeout } from 'node:timers/promises';
import type { FeedReader, ToldChange } from '../../readers/feedReader.ts';
import type { Cluster } from '../cluster.ts';
import { listOf } from './storedFacts.ts';

interface StoredChange {
  readonly no: string;
  readonly type: string;
  readonly data: string;
}

const attempts = 60;
const pauseMs = 250;

/** Call it when all changes of the round are committed and the readers are stopped. */
export async function feedViolations(cluster: Cluster, readers: readonly FeedReader[]): Promise<string[]> {
  const [feed] = await cluster.rows<{ last_no: string }>('SELECT last_no FROM owner_feeds');
  const lastNo = Number(feed?.last_no ?? 0);
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    if (readers.every(({ last }) => (last?.no ?? 0) >= lastNo)) break;
    await setTimeout(pauseMs);
  }
  await Promise.all(readers.map((reader) => reader.stop()));
  const stored = await cluster.rows<StoredChange>('SELECT no, type, data FROM feed_events');
  const textOf = new Map(stored.map(({ no, type, data }) => [Number(no), textOfChange(type, data)]));
  return readers.flatMap((reader) => {
    const { last, told, problems } = reader;
    const isBehind = (last?.no ?? 0) < lastNo;
    // A promoted standby may assign the same numbers again, under another name of the feed.
    const wrong = told.filter(({ feed: name, no, type, data }) => {
      const text = textOf.get(no);
      return name === last?.feed && text !== undefined && text !== textOfChange(type, data);
    });
    return [
      ...problems,
      ...(isBehind ? [`a reader of the feed is at ${last?.no} of ${lastNo} changes`] : []),
      ...wrong.map((change) => `change ${change.no} of the feed was told as ${sketch(change)}`),
    ];
  });
}

/** Checks that the feed has the end of each of these runs exactly once. */
export async function feedEndViolations(cluster: Cluster, runIds: readonly string[]): Promise<string[]> {
  const rows = await cluster.rows<{ id: string; count: string }>(
    `SELECT r.id, count(e.no) FROM runs AS r LEFT JOIN feed_events AS e ON e.type = 'run-change'
        AND e.data::json->'run'->>'id' = r.id::text AND e.data::json->'run'->>'endedAtMs' IS NOT NULL
      WHERE r.id IN (${listOf(runIds)}) GROUP BY r.id HAVING count(e.no) <> 1`,
  );
  return rows.map(({ id, count }) => `the feed has ${count} ends of run ${id}`);
}

const textOfChange = (type: string, data: string): string => `${type} ${JSON.stringify(JSON.parse(data))}`;
const sketch = ({ type, data }: ToldChange): string => `${type} ${data.slice(0, 100)}`;
