/**
 * Passes on at most one value per animation frame, always the latest. A hidden tab gets no animation frames, so a slow
 * timer is used there.
 */

/** Calls back once, soon; the returned function cancels it. */
export type ScheduleFrame = (callback: () => void) => () => void;

export interface FrameFlusher<Value> {
  /** Keeps `value` for the next frame, in place of an earlier one that still waits. */
  push(value: Value): void;
  /** Passes on the waiting value now, if there is one. */
  flush(): void;
  /** Drops the waiting value; nothing is passed on afterwards. */
  dispose(): void;
}

export function flushPerFrame<Value>(
  scheduleFrame: ScheduleFrame,
  onFlush: (value: Value) => void,
): FrameFlusher<Value> {
  let waiting: { readonly value: Value } | null = null;
  let cancelFrame: (() => void) | null = null;
  let isDisposed = false;

  const takeBack = () => {
    cancelFrame?.();
    cancelFrame = null;
  };
  const flush = () => {
    takeBack();
    const due = waiting;
    waiting = null;
    if (due) onFlush(due.value);
  };
  return {
    push(value) {
      if (isDisposed) return;
      waiting = { value };
      cancelFrame ??= scheduleFrame(flush);
    },
    flush,
    dispose() {
      isDisposed = true;
      waiting = null;
      takeBack();
    },
  };
}

const hiddenTabFlushMs = 1000;

/** The browser's own frames, or once a second while the tab is hidden or becomes hidden. */
export const scheduleBrowserFrame: ScheduleFrame = (callback) => {
  const cancel = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
  const run = () => {
    cancel();
    callback();
  };
  const frame = requestAnimationFrame(run);
  const timer = setTimeout(run, hiddenTabFlushMs);
  return cancel;
};
