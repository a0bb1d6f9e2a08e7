/** One Ctrl+C under npm arrives twice and counts once. */
import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { onStopSignals } from './stopSignals.ts';

function startSource() {
  const source = new EventEmitter();
  const time = { ms: 0 };
  const counts: number[] = [];
  onStopSignals(
    source,
    () => time.ms,
    (count) => counts.push(count),
  );
  return { source, time, counts };
}

test('a signal that npm sends on within milliseconds counts once', () => {
  const { source, time, counts } = startSource();
  source.emit('SIGINT');
  time.ms = 5;
  source.emit('SIGINT');
  expect(counts).toEqual([1]);
});

test('a second Ctrl+C by the user counts', () => {
  const { source, time, counts } = startSource();
  source.emit('SIGINT');
  time.ms = 300;
  source.emit('SIGINT');
  expect(counts).toEqual([1, 2]);
});

test('another signal is no echo', () => {
  const { source, counts } = startSource();
  source.emit('SIGINT');
  source.emit('SIGTERM');
  expect(counts).toEqual([1, 2]);
});
