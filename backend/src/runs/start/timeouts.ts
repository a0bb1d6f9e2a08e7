/** Resolves the four timeouts of a run: the server's settings, narrowed by the project and the request. */
import type { Timeouts } from '@rill/protocol';
import type { RunSettings } from '../runDependencies.ts';

export interface RunTimeouts {
  readonly connectMs: number;
  readonly firstDeltaMs: number;
  readonly idleMs: number;
  readonly runMs: number;
}

/** `requestRunMs` limits the whole run. A wider limit than the server's has no effect. */
export function resolveTimeouts(
  settings: RunSettings,
  project: Timeouts | null,
  requestRunMs: number | undefined,
): RunTimeouts {
  const narrowest = (...limitsMs: (number | undefined)[]) =>
    Math.min(...limitsMs.filter((limitMs) => limitMs !== undefined));
  return {
    connectMs: narrowest(settings.connectTimeoutMs, project?.connectMs),
    firstDeltaMs: narrowest(settings.firstDeltaTimeoutMs, project?.firstDeltaMs),
    idleMs: narrowest(settings.idleTimeoutMs, project?.idleMs),
    runMs: narrowest(settings.runDeadlineMs, project?.runMs, requestRunMs),
  };
}
