/**
 * Hints to other processes that a run they follow has grown. Followers renew their interest every few seconds, so a
 * process that has ended soon gets no more hints.
 */
import type { Clock } from '../../clock.ts';
import type { LiveRuns } from '../liveRuns.ts';

/** How long a process gets hints about a run after it last renewed its interest, in milliseconds. */
const toldMs = 6000;

export interface RemoteReadersOptions {
  readonly liveRuns: Pick<LiveRuns, 'get'>;
  readonly clock: Clock;
  readonly tell: (bootId: string, runId: string) => void;
}

interface Entry {
  readonly stop: () => void;
  /** For each process, the time until which it gets hints. */
  readonly untilMs: Map<string, number>;
}

export class RemoteReaders {
  readonly #options: RemoteReadersOptions;
  readonly #entries = new Map<string, Entry>();
  #cancelTimer: (() => void) | undefined;

  constructor(options: RemoteReadersOptions) {
    this.#options = options;
  }

  /** Number of runs that other processes follow. */
  get size(): number {
    return this.#entries.size;
  }

  /** Does nothing for a run that this process does not write. */
  add(runId: string, bootId: string): void {
    const entry = this.#entries.get(runId) ?? this.#open(runId);
    entry?.untilMs.set(bootId, this.#options.clock.elapsedMs() + toldMs);
  }

  close(): void {
    this.#cancelTimer?.();
    for (const { stop } of this.#entries.values()) stop();
    this.#entries.clear();
  }

  #open(runId: string): Entry | null {
    const live = this.#options.liveRuns.get(runId);
    if (!live) return null;
    const untilMs = new Map<string, number>();
    const stop = live.onChange(() => {
      for (const bootId of untilMs.keys()) this.#options.tell(bootId, runId);
    });
    const entry = { stop, untilMs };
    this.#entries.set(runId, entry);
    this.#planCleanUp();
    return entry;
  }

  #planCleanUp(): void {
    this.#cancelTimer ??= this.#options.clock.schedule(toldMs, () => {
      this.#cancelTimer = undefined;
      this.#cleanUp();
      if (this.#entries.size > 0) this.#planCleanUp();
    });
  }

  #cleanUp(): void {
    const nowMs = this.#options.clock.elapsedMs();
    for (const [runId, { stop, untilMs }] of this.#entries) {
      for (const [bootId, endMs] of untilMs) if (endMs <= nowMs) untilMs.delete(bootId);
      if (untilMs.size > 0 && this.#options.liveRuns.get(runId)) continue;
      stop();
      this.#entries.delete(runId);
    }
  }
}
