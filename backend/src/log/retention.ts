/** Deletes the events of runs that ended a while ago. Later resumes are served from the message rows. */
import type { Clock } from '../clock.ts';
import type { EventLog } from './eventLog.ts';

export interface RetentionDependencies {
  readonly clock: Clock;
  readonly logger: { warn(fields: object, message: string): void };
  readonly log: Pick<EventLog, 'cleanUp'>;
}

/** Age from which an ended run's events are deleted, and how often that is done, in milliseconds. */
const keptMs = 10 * 60_000;
const intervalMs = 60_000;

/** Starts the clean-up; the returned function stops it. */
export function startRetention({ clock, log, logger }: RetentionDependencies): () => void {
  let cancelTimer: (() => void) | undefined;
  const plan = (): void => {
    cancelTimer = clock.schedule(intervalMs, () => {
      void log
        .cleanUp(clock.nowMs() - keptMs)
        .catch((error: unknown) => logger.warn({ err: error }, 'ended events could not be deleted'));
      plan();
    });
  };
  plan();
  return () => cancelTimer?.();
}
