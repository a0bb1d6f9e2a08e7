/** Pins models for all devices of the user, and refreshes an outdated list. */
import type { RillClient } from '@rill/client/source';
import type { ModelList } from '@rill/protocol';

export interface ModelActsOptions {
  readonly client: Pick<RillClient, 'pinModel'>;
  readonly list: () => ModelList | null;
  readonly show: (list: ModelList) => void;
  readonly read: () => Promise<void>;
  readonly nowMs: () => number;
  /** Runs the action and reports a failure. */
  readonly attempt: (action: () => Promise<void>) => Promise<boolean>;
}

/** Age from which the list is read again when it is opened: prices and own speeds have changed. */
const maxAgeMs = 5 * 60_000;

export class ModelActs {
  readonly #options: ModelActsOptions;
  #readAtMs: number;

  constructor(options: ModelActsOptions) {
    this.#options = options;
    this.#readAtMs = options.nowMs();
  }

  async pin(model: string, isPinned: boolean): Promise<void> {
    const { client, list, show, attempt } = this.#options;
    await attempt(async () => {
      const { pinnedModels } = await client.pinModel({ model, isPinned });
      const known = list();
      if (known) show({ ...known, pinnedModels });
    });
  }

  /** Reads the list where there is none, or an old one. */
  async refresh(): Promise<void> {
    const { list, read, nowMs } = this.#options;
    if (list() !== null && nowMs() - this.#readAtMs < maxAgeMs) return;
    this.#readAtMs = nowMs();
    await read();
  }
}
