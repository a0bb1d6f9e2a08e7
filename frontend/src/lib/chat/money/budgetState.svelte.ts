/** Reads a monthly budget, of one project or of all together, and changes it. */
import type { Budget } from '@rill/protocol';
import { asRillError } from '../rillError.ts';
import type { MoneyClient } from './usageReading.svelte.ts';

export class BudgetState {
  /** Null until it is read. */
  budget = $state.raw<Budget | null>(null);
  /** The last failure, as one sentence. */
  failure = $state<string | null>(null);
  isBusy = $state(false);
  readonly #client: Pick<MoneyClient, 'getBudget' | 'putBudget'>;
  readonly #projectId: string | undefined;

  /** `projectId` undefined: the budget of all projects together. */
  constructor(client: Pick<MoneyClient, 'getBudget' | 'putBudget'>, projectId: string | undefined) {
    this.#client = client;
    this.#projectId = projectId;
  }

  load(): Promise<boolean> {
    return this.#attempt(() => this.#client.getBudget({ projectId: this.#projectId }));
  }

  /** Null removes it. True when it is stored. */
  store(monthlyUsd: number | null): Promise<boolean> {
    return this.#attempt(() => this.#client.putBudget({ projectId: this.#projectId, monthlyUsd }));
  }

  async #attempt(ask: () => Promise<Budget>): Promise<boolean> {
    this.isBusy = true;
    try {
      this.budget = await ask();
      this.failure = null;
      return true;
    } catch (error) {
      this.failure = asRillError(error).message;
      return false;
    } finally {
      this.isBusy = false;
    }
  }
}
