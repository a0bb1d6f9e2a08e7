/** Resolves the four timeouts of a run: the server's settings, narrowed by project, chat and request. */
import type { Timeouts } from '@rill/protocol';
import type { RunSettings } from '../runDependencies.ts';

export interface RunTimeouts {
  readonly connectMs: number;
  readonly firstDeltaMs: number;
  readonly idleMs: number;
  readonly runMs: number;
}

/**
 * `ofChat`: those of the chat, else of its project. `requestRunMs` limits the whole run. A longer limit than the
 * server's has no effect.
 */
export function resolveTimeouts(
  settings: RunSettings,
  ofChat: Timeouts | null,
  requestRunMs: number | undefined,
): RunTimeouts {
  const narrowest = (...limitsMs: (number | undefined)[]) =>
    Math.min(...limitsMs.filter((limitMs) => limitMs !== undefined));
  return {
    connectMs: narrowest(settings.connectTimeoutMs, ofChat?.connectMs),
    firstDeltaMs: narrowest(settings.firstDeltaTimeoutMs, ofChat?.firstDeltaMs),
    idleMs: narrowest(settings.idleTimeoutMs, ofChat?.idleMs),
    runMs: narrowest(settings.runDeadlineMs, ofChat?.runMs, requestRunMs),
  };
}
