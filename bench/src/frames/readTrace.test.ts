import { expect, test } from 'vitest';
import { keyCosts, longTasksOf } from './readTrace.ts';

const event = (name: string, startMs: number, durationMs: number, tid = 1) => ({
  name,
  ph: 'X',
  ts: startMs * 1000,
  dur: durationMs * 1000,
  pid: 1,
  tid,
});

test('names the long tasks of the main thread and the longest event in each', () => {
  const traceEvents = [
    { name: 'thread_name', ph: 'M', ts: 0, pid: 1, tid: 1, args: { name: 'CrRendererMain' } },
    event('RunTask', 100, 20),
    event('RunTask', 200, 80),
    event('FunctionCall', 205, 30),
    event('Layout', 240, 35),
    event('RunTask', 300, 90, 2),
  ];
  expect(longTasksOf({ traceEvents }, 50)).toEqual([
    { atMs: 100, durationMs: 80, mostly: 'Layout', mostlyMs: 35 },
  ]);
});

test('adds the frame that shows a letter to the cost of its key', () => {
  const threadMs = (ms: number) => ({ tdur: ms * 1000 });
  const traceEvents = [
    { name: 'thread_name', ph: 'M', ts: 0, pid: 1, tid: 1, args: { name: 'CrRendererMain' } },
    { ...event('RunTask', 100, 8), ...threadMs(3) },
    { ...event('EventDispatch', 101, 1), args: { data: { type: 'keydown' } } },
    { ...event('RunTask', 110, 4), ...threadMs(4) },
    { ...event('RunTask', 120, 20), ...threadMs(6) },
    event('Layerize', 125, 1),
    { ...event('RunTask', 150, 20), ...threadMs(9) },
    event('Layerize', 155, 1),
  ];
  expect(keyCosts({ traceEvents })).toEqual([{ handledMs: 3, drawnMs: 9 }]);
});
