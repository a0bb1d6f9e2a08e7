/** Checks the stored key periodically, because another process that shares the folder may have replaced it. */
import type { Clock } from '../../clock.ts';
import type { ProviderKeys } from './providerKey.ts';

export interface KeyWatchOptions {
  readonly keys: Pick<ProviderKeys, 'refresh'>;
  readonly clock: Clock;
  readonly logger: { warn(fields: object, message: string): void };
}

/** Longest delay until a key stored by another process is used here, in milliseconds. */
const lookMs = 1000;

/** The returned function stops it and resolves once no check is running. */
export function watchKey({ keys, clock, logger }: KeyWatchOptions): () => Promise<void> {
  const state = { isStopped: false, hasFailed: false };
  let cancelTimer: () => void = () => undefined;
  let look: Promise<void> = Promise.resolve();
  const plan = (): void => {
    if (state.isStopped) return;
    cancelTimer = clock.schedule(lookMs, () => {
      look = keys
        .refresh()
        .then(
          () => {
            state.hasFailed = false;
          },
          (error: unknown) => {
            if (!state.hasFailed)
              logger.warn({ err: error }, 'the stored key could not be looked at; trying again');
            state.hasFailed = true;
          },
        )
        .then(plan);
    });
  };
  plan();
  return () => {
    state.isStopped = true;
    cancelTimer();
    return look;
  };
}
