import { expect, test } from 'vitest';
import { longTasksOf } from './readTrace.ts';

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
