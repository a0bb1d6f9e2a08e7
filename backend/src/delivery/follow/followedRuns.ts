/**
 * Keeps the runs of other processes that are read here. The first reader of a run has it read from the log; from then
 * on one query a round reads the new events of all of them. A run is dropped at its end, or five seconds after its last
 * reader.
 */
import type { Clock } from '../../clock.ts';
import type { EventLog, LogRecord } from '../../log/eventLog.ts';
import { FollowedRun } from './followedRun.ts';
import type { TailedPart } from './tailer.ts';

/** The state of a run by its row; a run without a row was deleted. */
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
  /** Begins the rounds, in which `readRound` is called. */
  readonly wake: () => void;
  /** Called every few seconds for each run that is followed, with the process that writes it. */
  readonly onFollowed?: (state: RunState) => void;
}

/** Events that one query reads when a run is read from its start. */
const eventsPerPage = 2000;
/** Events of one run that a round reads. */
const eventsPerRound = 200;
/** How long a run without readers is kept, in milliseconds: one that reconnects finds it. */
const lingerMs = 5000;
/** Time between two looks at the rows of the runs. */
const stateMs = 2000;
/** Runs that are looked up in one query. */
const runsPerLook = 500;

interface Entry {
  readonly run: FollowedRun;
  /** False when the log has nothing of the run. */
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

  /** The run up to now, which continues by itself; null when the log has nothing of it. Errors: those of the log. */
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

  /** Ends every reader, also those who come later. */
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

  /** A run that has no reader yet has as long as one that has none any more. */
  #onReaders(runId: string, run: FollowedRun, count: number): void {
    const entry = this.#entries.get(runId);
    if (entry?.run !== run || !entry.isLoaded) return;
    entry.cancelLinger?.();
    entry.cancelLinger = undefined;
    if (count > 0) return;
    entry.cancelLinger = this.#options.clock.schedule(lingerMs, () => {
      // For a reader that was given it and has not begun.
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

  /** Reads what is new of these runs; true when one of them may have more. */
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

  /** A run that is over, and of which the log gives no end any more, is closed: its message row has it. */
  async #lookAtStates(runs: readonly FollowedRun[]): Promise<void> {
    const open = await this.#tellStates(runs.map(({ runId }) => runId));
    const over = runs.filter((run) => !open.has(run.runId) && !run.isOver);
    // Its end was committed with the state that was just read, so it is there now, or is gone.
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
