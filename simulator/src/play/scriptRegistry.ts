/** Keeps the scripts by model: one permanent script each, and a queue of one-shot scripts that are used first. */
import type { Script } from '../script.ts';

/** The scripts of one simulator. A queued script is used once, in the order it was queued. */
export class ScriptRegistry {
  readonly #standing = new Map<string, Script>();
  readonly #queued = new Map<string, Script[]>();

  /** Answers every call of the model from now on, once its queue is empty. */
  set(model: string, script: Script): void {
    this.#standing.set(model, script);
  }

  /** Answers the next calls of the model, one script each. */
  queue(model: string, scripts: readonly Script[]): void {
    this.#queued.set(model, [...(this.#queued.get(model) ?? []), ...scripts]);
  }

  /** The script for this call, taken off the queue if it came from there. */
  take(model: string): Script | undefined {
    return this.#queued.get(model)?.shift() ?? this.#standing.get(model);
  }

  /** Every model that has had a script. */
  models(): string[] {
    return [...new Set([...this.#standing.keys(), ...this.#queued.keys()])];
  }
}
