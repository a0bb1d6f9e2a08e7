/** Reads the long tasks of the page's main thread from a Chromium trace. */

export interface LongTask {
  /** From the start of the trace. */
  readonly atMs: number;
  readonly durationMs: number;
  /** The longest event inside the task, by its name in the trace. */
  readonly mostly: string;
  readonly mostlyMs: number;
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  /** In microseconds, like all times of a trace. */
  readonly ts: number;
  readonly dur?: number;
  /** Time on the thread, without the time spent waiting for a core. */
  readonly tdur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly args?: { readonly name?: string };
}

interface Trace {
  readonly traceEvents: readonly TraceEvent[];
}

/** The longest thread time of one task on the page's main thread, so that other work on the machine does not count. */
export function longestTaskMs(trace: Trace): number {
  const tasks = mainThreadEvents(trace).filter(isTask);
  return tasks.reduce((most, { tdur = 0 }) => Math.max(most, tdur / 1000), 0);
}

function mainThreadEvents({ traceEvents }: Trace): TraceEvent[] {
  const mainThreads = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid}.${tid}`),
  );
  return traceEvents.filter(({ ph, pid, tid }) => ph === 'X' && mainThreads.has(`${pid}.${tid}`));
}

const isTask = ({ name }: TraceEvent): boolean =>
  name === 'RunTask' || name === 'ThreadControllerImpl::RunTask';

export function longTasksOf(trace: Trace, overMs: number): LongTask[] {
  const events = mainThreadEvents(trace);
  const startsAt = events.reduce((first, { ts }) => Math.min(first, ts), Number.POSITIVE_INFINITY);
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
