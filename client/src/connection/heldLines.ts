/**
 * Remembers for which verbs the network holds event streams back until they end, as some tunnels and security software
 * do. Streams are tried again from time to time, because networks change while a page is open.
 */

/** A stream whose first bytes, which the server sends at once, have not come after this is held back, in milliseconds. */
export const firstBytesMs = 4500;

/** How long a held line is not tried again, in milliseconds: at first, and at most after it has doubled. */
const firstRetestMs = 30_000;
const maxRetestMs = 600_000;

interface HeldLine {
  readonly untilMs: number;
  readonly retestMs: number;
}

export class HeldLines {
  readonly #byMethod = new Map<string, HeldLine>();

  isHeld(method: string, nowMs: number): boolean {
    const line = this.#byMethod.get(method);
    // An earlier time means that the clock was set back: then a stream is tried again.
    return line !== undefined && nowMs < line.untilMs && nowMs >= line.untilMs - line.retestMs;
  }

  /** Notes that a response that ended arrived, although a stream did not. Counts once for each attempt at a stream. */
  noteHeld(method: string, nowMs: number): void {
    if (this.isHeld(method, nowMs)) return;
    const before = this.#byMethod.get(method);
    const retestMs = before ? Math.min(maxRetestMs, before.retestMs * 2) : firstRetestMs;
    this.#byMethod.set(method, { untilMs: nowMs + retestMs, retestMs });
  }

  /** Notes that the first bytes of a stream arrived. */
  noteOpen(method: string): void {
    this.#byMethod.delete(method);
  }
}
