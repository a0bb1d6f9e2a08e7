/**
 * Reads the events of runs on a dedicated connection, a page of each run at a time, so that memory depends neither on
 * the number of runs nor on their length. A read whose connection is lost is repeated once.
 */
import { fromRow, type LogRecord, type RunPosition, type RunSize } from '../eventLog.ts';
import { numberArray, textArray } from './arrayLiterals.ts';
import { type LogConnection, logFailureOf } from './logConnection.ts';
import type { LogStatements } from './logStatements.ts';
import { bySlot } from './slotOfRun.ts';

export interface LogReaderOptions {
  readonly connection: LogConnection;
  readonly statements: LogStatements;
  readonly slotMs: number;
}

/** Runs per statement, and for each of them the events and bytes after which the page ends. */
const runsPerPage = 16;
const eventsPerPage = 500;
const bytesPerPage = 64 * 1024;

type EventRow = Parameters<typeof fromRow>[0];

export class LogReader {
  readonly #options: LogReaderOptions;

  constructor(options: LogReaderOptions) {
    this.#options = options;
  }

  async read(runIds: readonly string[], onRecord: (record: LogRecord) => void): Promise<void> {
    for (const [slot, ids] of bySlot(runIds, (runId) => runId, this.#options.slotMs)) {
      for (let from = 0; from < ids.length; from += runsPerPage) {
        await this.#readRuns(slot, ids.slice(from, from + runsPerPage), onRecord);
      }
    }
  }

  /** Statements of several slots are sent together. */
  async readAfter(positions: readonly RunPosition[], limit: number): Promise<LogRecord[]> {
    const { statements, slotMs } = this.#options;
    const slots = [...bySlot(positions, ({ runId }) => runId, slotMs)];
    const pages = await Promise.all(
      slots.map(([slot, some]) =>
        this.#query<EventRow>(`after_${slot}`, statements.after(slot), [...positionValues(some), limit]),
      ),
    );
    return pages.flat().map(fromRow);
  }

  async measure(runIds: readonly string[]): Promise<ReadonlyMap<string, RunSize>> {
    const { statements, slotMs } = this.#options;
    const slots = [...bySlot(runIds, (runId) => runId, slotMs)];
    const rows = await Promise.all(
      slots.map(([slot, ids]) =>
        this.#query<{ run_id: string; bytes: number; last_seq: number }>(
          `measure_${slot}`,
          statements.measure(slot),
          [textArray(ids)],
        ),
      ),
    );
    return new Map(
      rows.flat().map(({ run_id, bytes, last_seq }) => [run_id, { bytes: Number(bytes), lastSeq: last_seq }]),
    );
  }

  async #readRuns(
    slot: number,
    runIds: readonly string[],
    onRecord: (record: LogRecord) => void,
  ): Promise<void> {
    const text = this.#options.statements.page(slot);
    const seqs = new Map(runIds.map((runId) => [runId, 0]));
    while (seqs.size > 0) {
      const positions = [...seqs].map(([runId, seq]) => ({ runId, seq }));
      const values = [...positionValues(positions), eventsPerPage, bytesPerPage];
      const rows = await this.#query<EventRow>(`page_${slot}`, text, values);
      const found = new Map<string, number>();
      for (const row of rows) {
        found.set(row.run_id, row.seq);
        onRecord(fromRow(row));
      }
      for (const { runId } of positions) {
        const seq = found.get(runId);
        if (seq === undefined) seqs.delete(runId);
        else seqs.set(runId, seq);
      }
    }
  }

  async #query<Row extends object>(
    name: string,
    text: string,
    values: readonly (string | number)[],
  ): Promise<Row[]> {
    const { connection } = this.#options;
    try {
      return await connection.query(name, text, values);
    } catch (error) {
      if (logFailureOf(error) === 'refused') throw error;
      return connection.query(name, text, values);
    }
  }
}

const positionValues = (positions: readonly RunPosition[]): string[] => [
  textArray(positions.map(({ runId }) => runId)),
  numberArray(positions.map(({ seq }) => seq)),
];
