/** One Ctrl+C under npm arrives twice and counts once. */
import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { dropEchoedSignals } from './dropEchoedSignals.js';

function listenedSource() {
  const source = new EventEmitter();
  const time = { ms: 0 };
  dropEchoedSignals(source, () => time.ms);
  const heard: string[] = [];
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) source.on(name, () => heard.push(name));
  return { source, time, heard };
}

test('a signal that npm sends on within milliseconds is heard once', () => {
  const { source, time, heard } = listenedSource();
  source.emit('SIGINT', 'SIGINT');
  time.ms = 5;
  source.emit('SIGINT', 'SIGINT');
  expect(heard).toEqual(['SIGINT']);
});

test('a second Ctrl+C by a person is heard', () => {
  const { source, time, heard } = listenedSource();
  source.emit('SIGINT');
  time.ms = 300;
  source.emit('SIGINT');
  expect(heard).toEqual(['SIGINT', 'SIGINT']);
});

test('other signals and other events are left alone', () => {
  const { source, heard } = listenedSource();
  source.emit('SIGINT');
  source.emit('SIGTERM');
  source.emit('SIGHUP');
  source.emit('SIGHUP');
  expect(heard).toEqual(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGHUP']);
});
