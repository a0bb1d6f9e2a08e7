/** A trace of Chromium to the tasks of the page's main thread that took long. */

export interface LongTask {
  /** From the start of the trace. */
  readonly atMs: number;
  readonly durationMs: number;
  /** The longest event inside it, as the trace names it. */
  readonly mostly: string;
  readonly mostlyMs: number;
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  /** Microseconds, as all times of a trace. */
  readonly ts: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly args?: { readonly name?: string };
}

export function longTasksOf(
  { traceEvents }: { readonly traceEvents: readonly TraceEvent[] },
  overMs: number,
): LongTask[] {
  const mainThreads = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid}.${tid}`),
  );
  const events = traceEvents.filter(({ ph, pid, tid }) => ph === 'X' && mainThreads.has(`${pid}.${tid}`));
  const startsAt = events.reduce((first, { ts }) => Math.min(first, ts), Number.POSITIVE_INFINITY);
  const isTask = ({ name }: TraceEvent) => name === 'RunTask' || name === 'ThreadControllerImpl::RunTask';
  const lengthOf = ({ dur = 0 }: TraceEvent) => dur / 1000;
  return events
    .filter((event) => isTask(event) && lengthOf(event) > overMs)
    .map((task) => {
      const inside = events.filter(
        (event) =>
          !isTask(event) && event.ts >= task.ts && event.ts + (event.dur ?? 0) <= task.ts + (task.dur ?? 0),
      );
      const longest = inside.reduce<TraceEvent | null>(
        (most, event) => (most === null || lengthOf(event) > lengthOf(most) ? event : most),
        null,
      );
      return {
        atMs: (task.ts - startsAt) / 1000,
        durationMs: lengthOf(task),
        mostly: longest?.name ?? 'unknown',
        mostlyMs: longest ? lengthOf(longest) : 0,
      };
    });
}
