/**
 * Keeps the runs of other processes that are read here. The first reader of a run loads it from the log; from then on,
 * one query per round reads the new events of all runs. A run is dropped at its end, or five seconds after its last
 * reader.
 */
import type { Clock } from '../../clock.ts';
import type { EventLog, LogRecord } from '../../log/eventLog.ts';
import { FollowedRun } from './followedRun.ts';
import type { TailedPart } from './tailer.ts';

/** The state of a run in its row; a run without a row was deleted. */
export interface RunState {
  readonly runId: string;
  /** The process that writes it. */
  readonly bootId: string;
  readonly isOpen: boolean;
}

export interface FollowedRunsOptions {
  readonly log: Pick<EventLog, 'readAfter'>;
  /** Gives at most a few hundred. */
  readonly readStates: (runIds: readonly string[]) => Promise<readonly RunState[]>;
  readonly clock: Clock;
  readonly logger: { warn(fields: object, message: string): void };
  /** Starts the rounds in which `readRound` is called. */
  readonly wake: () => void;
  /** Called every few seconds for each followed run, with the process that writes it. */
  readonly onFollowed?: (state: RunState) => void;
}

/** Events per query when a run is loaded. */
const eventsPerPage = 2000;
/** Most events of one run that a round reads. */
const eventsPerRound = 200;
/** How long a run without readers is kept, in milliseconds, for readers that reconnect. */
const lingerMs = 5000;
/** Time between two checks of the runs' rows, in milliseconds. */
const stateMs = 2000;
/** Runs per query. */
const runsPerLook = 500;

interface Entry {
  readonly run: FollowedRun;
  /** Resolves with false if the log has nothing of the run. */
  readonly loaded: Promise<boolean>;
  isLoaded: boolean;
  cancelLinger: (() => void) | undefined;
}

export class FollowedRuns implements TailedPart {
  readonly #options: FollowedRunsOptions;
  readonly #entries = new Map<string, Entry>();
  #lastStatesMs: number;
  #isClosed = false;

  constructor(options: FollowedRunsOptions) {
    this.#options = options;
    this.#lastStatesMs = options.clock.elapsedMs();
  }

  get size(): number {
    return this.#entries.size;
  }

  get isNeeded(): boolean {
    return this.#entries.size > 0;
  }

  /** The run so far, which is updated from then on; null if the log has nothing of it. Errors: those of the log. */
  async follow(runId: string): Promise<FollowedRun | null> {
    const entry = this.#entries.get(runId) ?? this.#open(runId);
    return (await entry.loaded) ? entry.run : null;
  }

  async readRound(): Promise<boolean> {
    const hasMore = await this.#readNew(this.#loaded());
    const nowMs = this.#options.clock.elapsedMs();
    if (nowMs - this.#lastStatesMs >= stateMs) {
      this.#lastStatesMs = nowMs;
      await this.#lookAtStates(this.#loaded());
    }
    return hasMore;
  }

  /** Ends every reader, including later ones. */
  close(): void {
    this.#isClosed = true;
    for (const [runId, { run }] of this.#entries) {
      run.close();
      this.#drop(runId);
    }
  }

  #open(runId: string): Entry {
    const run = new FollowedRun(runId, (count) => this.#onReaders(runId, run, count));
    const entry: Entry = { run, loaded: this.#load(runId, run), isLoaded: false, cancelLinger: undefined };
    this.#entries.set(runId, entry);
    return entry;
  }

  async #load(runId: string, run: FollowedRun): Promise<boolean> {
    try {
      for (;;) {
        const page = await this.#options.log.readAfter([{ runId, seq: run.seq }], eventsPerPage);
        for (const record of page) run.add(record);
        if (page.length < eventsPerPage) break;
      }
      if (run.seq > 0 && !run.isOver) await this.#tellStates([runId]);
    } catch (error) {
      this.#drop(runId);
      throw error;
    }
    if (this.#isClosed) run.close();
    const entry = this.#entries.get(runId);
    if (run.seq === 0 || run.isOver) this.#drop(runId);
    else if (entry) {
      entry.isLoaded = true;
      this.#onReaders(runId, run, run.readerCount);
      this.#options.wake();
    }
    return run.seq > 0;
  }

  /** A run without a first reader is kept as long as one without its last. */
  #onReaders(runId: string, run: FollowedRun, count: number): void {
    const entry = this.#entries.get(runId);
    if (entry?.run !== run || !entry.isLoaded) return;
    entry.cancelLinger?.();
    entry.cancelLinger = undefined;
    if (count > 0) return;
    entry.cancelLinger = this.#options.clock.schedule(lingerMs, () => {
      // For a reader that has the run but has not started to read.
      run.close();
      this.#drop(runId);
    });
  }

  #drop(runId: string): void {
    this.#entries.get(runId)?.cancelLinger?.();
    this.#entries.delete(runId);
  }

  #loaded(): FollowedRun[] {
    return [...this.#entries.values()].filter(({ isLoaded }) => isLoaded).map(({ run }) => run);
  }

  /** Reads the new events of these runs; true if one of them may have more. */
  async #readNew(runs: readonly FollowedRun[]): Promise<boolean> {
    if (runs.length === 0) return false;
    const positions = runs.map(({ runId, seq }) => ({ runId, seq }));
    const records = await this.#options.log.readAfter(positions, eventsPerRound);
    const counts = new Map<string, number>();
    for (const record of records) {
      const { runId } = record.cursor;
      counts.set(runId, (counts.get(runId) ?? 0) + 1);
      this.#add(record);
    }
    return [...counts.values()].some((count) => count >= eventsPerRound);
  }

  #add(record: LogRecord): void {
    const { runId } = record.cursor;
    const run = this.#entries.get(runId)?.run;
    if (!run) return;
    try {
      run.add(record);
    } catch (error) {
      this.#options.logger.warn({ runId, err: error }, 'a run of another process cannot be followed');
      run.close();
    }
    if (run.isOver) this.#drop(runId);
  }

  /** Closes finished runs whose end is no longer in the log: their message rows have it. */
  async #lookAtStates(runs: readonly FollowedRun[]): Promise<void> {
    const open = await this.#tellStates(runs.map(({ runId }) => runId));
    const over = runs.filter((run) => !open.has(run.runId) && !run.isOver);
    // The end was committed together with the state just read, so it is in the log now, or deleted.
    while (await this.#readNew(over.filter((run) => !run.isOver)));
    for (const run of over) {
      run.close();
      if (this.#entries.get(run.runId)?.run === run) this.#drop(run.runId);
    }
  }

  async #tellStates(runIds: readonly string[]): Promise<ReadonlySet<string>> {
    const open = new Set<string>();
    for (let from = 0; from < runIds.length; from += runsPerLook) {
      for (const state of await this.#options.readStates(runIds.slice(from, from + runsPerLook))) {
        if (!state.isOpen) continue;
        open.add(state.runId);
        this.#options.onFollowed?.(state);
      }
    }
    return open;
  }
}
