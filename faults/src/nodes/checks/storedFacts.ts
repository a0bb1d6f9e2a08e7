/** Reads the runs of a round directly from the Postgres of a cluster, without the nodes. */
import type { StoredRun } from '../../storedRuns.ts';
import type { Cluster } from '../cluster.ts';

export interface StoredFacts {
  runIdsOfKey(chatId: string, key: string): string[];
  runIdsOfChat(chatId: string): string[];
  messageCount(chatId: string): number;
  run(id: string): StoredLog | null;
}

export interface StoredLog extends StoredRun {
  /** All answer text of its events, in their order. */
  readonly loggedText: string;
  /** The process start that owns the run now. */
  readonly bootId: string;
  readonly endedAtMs: number | null;
  readonly cancelRequestedAtMs: number | null;
}

interface RunRow {
  readonly id: string;
  readonly chat_id: string;
  readonly message_id: string;
  readonly boot_id: string;
  readonly ended_at_ms: string | null;
  readonly restarted_at_ms: string | null;
  readonly cancel_requested_at_ms: string | null;
  readonly last_seq: number | null;
}
interface EventRow {
  readonly run_id: string;
  readonly seq: number;
  readonly type: string;
  readonly data: string;
}

const slotCount = 6;
/** The events of all slots, as part of a statement. */
export const allEvents = `(${Array.from({ length: slotCount }, (_, slot) => `SELECT * FROM run_events_${slot}`).join(' UNION ALL ')})`;
export const listOf = (ids: readonly string[]): string => ids.map((id) => `'${id}'`).join(',') || "''";

export async function readStoredFacts(cluster: Cluster, chatIds: readonly string[]): Promise<StoredFacts> {
  const list = listOf(chatIds);
  const [keys, runs, messages] = await Promise.all([
    cluster.rows<{ chat_id: string; send_key: string; run_id: string }>(
      `SELECT chat_id, send_key, run_id FROM send_keys WHERE chat_id IN (${list})`,
    ),
    cluster.rows<RunRow>(`SELECT * FROM runs WHERE chat_id IN (${list})`),
    cluster.rows<{ chat_id: string; count: string }>(
      `SELECT chat_id, count(*) FROM messages WHERE chat_id IN (${list}) GROUP BY chat_id`,
    ),
  ]);
  const runList = listOf(runs.map(({ id }) => id));
  const [events, calls] = await Promise.all([
    cluster.rows<EventRow>(
      `SELECT run_id, seq, type, data FROM ${allEvents} AS e WHERE run_id IN (${runList}) ORDER BY run_id, seq`,
    ),
    cluster.rows<{ run_id: string; count: string }>(
      `SELECT run_id, count(*) FROM generations WHERE run_id IN (${runList}) GROUP BY run_id`,
    ),
  ]);
  const eventsOf = Map.groupBy(events, ({ run_id }) => run_id);
  const countOf = new Map(calls.map(({ run_id, count }) => [run_id, Number(count)]));
  const stored = new Map(
    runs.map((row) => [row.id, toStoredLog(row, eventsOf.get(row.id) ?? [], countOf.get(row.id) ?? 0)]),
  );
  return {
    runIdsOfKey: (chatId, key) =>
      keys.filter((row) => row.chat_id === chatId && row.send_key === key).map(({ run_id }) => run_id),
    runIdsOfChat: (chatId) => runs.filter((row) => row.chat_id === chatId).map(({ id }) => id),
    messageCount: (chatId) => Number(messages.find((row) => row.chat_id === chatId)?.count ?? 0),
    run: (id) => stored.get(id) ?? null,
  };
}

function toStoredLog(row: RunRow, events: readonly EventRow[], generationCount: number): StoredLog {
  const toNumber = (value: string | null) => (value === null ? null : Number(value));
  return {
    id: row.id,
    messageId: row.message_id,
    bootId: row.boot_id,
    isEnded: row.ended_at_ms !== null,
    endedAtMs: toNumber(row.ended_at_ms),
    cancelRequestedAtMs: toNumber(row.cancel_requested_at_ms),
    isRestarted: row.restarted_at_ms !== null,
    lastSeq: row.last_seq,
    generationCount,
    seqs: events.map(({ seq }) => seq),
    terminalCount: events.filter(({ type }) => type === 'done' || type === 'error').length,
    loggedText: events
      .filter(({ type }) => type === 'chunk')
      .map(({ data }) => (JSON.parse(data) as { content: string }).content)
      .join(''),
  };
}
