/**
 * Makes one Ctrl+C one signal: the terminal sends it to the whole process group, and npm, itself in that group,
 * sends it on to its script, so the script gets it twice within milliseconds.
 */
import type { EventEmitter } from 'node:events';

const signals = new Set<string | symbol>(['SIGINT', 'SIGTERM']);

/**
 * Drops a signal of `process` that repeats the same one less than `echoMs` (milliseconds) before it.
 * Order: call it before anybody listens for SIGINT or SIGTERM, because Node binds `emit` at the first listener.
 */
export function dropEchoedSignals(source: EventEmitter, nowMs: () => number, echoMs = 250): void {
  const emit: EventEmitter['emit'] = source.emit.bind(source);
  const lastAtMs = new Map<string | symbol, number>();
  source.emit = (event: string | symbol, ...values: unknown[]) => {
    if (!signals.has(event)) return emit(event, ...values);
    const isEcho = nowMs() - (lastAtMs.get(event) ?? Number.NEGATIVE_INFINITY) < echoMs;
    if (isEcho) return true;
    lastAtMs.set(event, nowMs());
    return emit(event, ...values);
  };
}
