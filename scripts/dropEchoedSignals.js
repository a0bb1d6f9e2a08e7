/**
 * Makes one Ctrl+C one signal: the terminal sends it to the whole process group, and npm, itself in that group,
 * sends it on to its script, so the script gets it twice within milliseconds.
 */

/** @type {ReadonlySet<string | symbol>} */
const signals = new Set(['SIGINT', 'SIGTERM']);

/**
 * Drops a signal of `source` that repeats the same one less than `echoMs` (milliseconds) before it.
 * Order: call it before anybody listens for SIGINT or SIGTERM, because Node binds `emit` at the first listener.
 * @param {import('node:events').EventEmitter} source
 * @param {() => number} nowMs
 */
export function dropEchoedSignals(source, nowMs, echoMs = 250) {
  /** @type {typeof source.emit} */
  const emit = source.emit.bind(source);
  /** @type {Map<string | symbol, number>} */
  const lastAtMs = new Map();
  /**
   * @param {string | symbol} event
   * @param {unknown[]} values
   */
  source.emit = (event, ...values) => {
    if (!signals.has(event)) return emit(event, ...values);
    const isEcho = nowMs() - (lastAtMs.get(event) ?? Number.NEGATIVE_INFINITY) < echoMs;
    if (isEcho) return true;
    lastAtMs.set(event, nowMs());
    return emit(event, ...values);
  };
}
