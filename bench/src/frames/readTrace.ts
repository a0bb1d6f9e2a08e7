/** Reads from a Chromium trace how busy the page's main thread was: its long tasks, and the cost of each key. */

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
  readonly args?: { readonly name?: string; readonly data?: { readonly type?: string } };
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

/** The cost of one key on the page's main thread, in milliseconds of thread time. */
export interface KeyCost {
  /** The handlers of the key and of the input, and the browser's layout for its own caret. */
  readonly handledMs: number;
  /** That plus the frame that shows the letter: its style, layout and paint, and everything else in that frame. */
  readonly drawnMs: number;
}

/** The costs of the keys in their order. A key whose frame is not in the trace is omitted. */
export function keyCosts(trace: Trace): KeyCost[] {
  const events = mainThreadEvents(trace).toSorted((one, other) => one.ts - other.ts);
  const tasks = events.filter(isTask);
  const keys = events.filter(({ name, args }) => name === 'EventDispatch' && args?.data?.type === 'keydown');
  const frames = events.filter(({ name }) => name === 'Layerize');
  return keys.flatMap(({ ts }) => {
    const keyTask = tasks.find((task) => contains(task, ts));
    const frame = frames.find((painted) => painted.ts > endOf(keyTask));
    const frameTask = frame && tasks.find((task) => contains(task, frame.ts));
    if (keyTask?.tdur === undefined || frameTask?.tdur === undefined) return [];
    const handledMs = keyTask.tdur / 1000;
    return { handledMs, drawnMs: handledMs + frameTask.tdur / 1000 };
  });
}

const endOf = (event: TraceEvent | undefined): number => (event ? event.ts + (event.dur ?? 0) : 0);
const contains = (task: TraceEvent, ts: number): boolean => task.ts <= ts && ts < endOf(task);

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
