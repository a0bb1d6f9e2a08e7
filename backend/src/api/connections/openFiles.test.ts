import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { lowLimitWarning, OpenFiles, shareOpenFiles } from './openFiles.ts';

it.each([40, 60, 64, 80, 100, 128, 256, 1024, 65_536, 1_048_576])(
  'a limit of %i reserves files for short requests and for sends, and never shares more than exist',
  (limit) => {
    const shares = shareOpenFiles({ limit, open: 34 });
    const { longest = 0, readers = 0, short = 0 } = shares ?? {};
    expect(short).toBeGreaterThanOrEqual(3);
    expect(longest - readers).toBeGreaterThanOrEqual(2);
    if (limit >= 60) expect(longest + short + 34).toBeLessThan(limit);
  },
);

it('warns when the allowed answers need more files, and not when they need fewer', () => {
  const warningAt = (limit: number, answers: number) =>
    lowLimitWarning(shareOpenFiles({ limit, open: 34 }), answers, 1);
  expect(warningAt(80, 20)).toMatch(/\(ulimit -n\) is 80.* allows 22 .* take about 60\. .*"ulimit -n 4096"/);
  expect(warningAt(100, 20)).not.toBe(null);
  expect(warningAt(256, 20)).toBe(null);
  expect(warningAt(1024, 1000)).not.toBe(null);
  expect(lowLimitWarning(null, 1000, 1)).toBe(null);
});

it('bounds readers, sends and calls together, and counts each release only once', () => {
  const calls = { count: 0 };
  const shares = { limit: 20, longest: 6, readers: 3, short: 3 };
  const openFiles = new OpenFiles({ shares, filesOfCall: 1, countCalls: () => calls.count });
  const [first] = [openFiles.holdReader(), openFiles.holdReader(), openFiles.holdReader()];
  expect(() => openFiles.holdReader()).toThrow('too many files and connections');
  openFiles.holdSend();
  calls.count = 2;
  expect(openFiles.hasRoomForCall()).toBe(true);
  expect(() => openFiles.holdSend()).toThrow('too many files and connections');
  calls.count = 3;
  expect(openFiles.hasRoomForCall()).toBe(false);
  first?.();
  first?.();
  expect(openFiles.hasRoomForCall()).toBe(true);
  expect(() => openFiles.holdSend()).toThrow('too many files and connections');
});

it('a connection that cannot be accepted is logged once a minute, and the server continues', async () => {
  const server = createServer();
  const reported: object[] = [];
  const clock = { nowMs: 0 };
  const openFiles = new OpenFiles({ shares: null, filesOfCall: 1, countCalls: () => 0 });
  openFiles.watch(
    server,
    (fields) => reported.push(fields),
    () => clock.nowMs,
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  for (const atMs of [0, 59_999, 60_000]) {
    clock.nowMs = atMs;
    server.emit('error', new Error('accept ENFILE'));
  }
  expect(reported).toHaveLength(2);
  expect(reported[0]).toMatchObject({ reason: 'a connection could not be accepted: accept ENFILE' });
  await new Promise((resolve) => server.close(resolve));
});
