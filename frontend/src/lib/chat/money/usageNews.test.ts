import type { FeedEvent } from '@rill/protocol';
import { expect, it } from 'vitest';
import { exampleRun } from '../chatTestBench.ts';
import { UsageNews } from './usageNews.svelte.ts';

it('the end of an answer, a figure of the provider and what was missed are news, and nothing else is', () => {
  const news = new UsageNews();
  const heard: FeedEvent[] = [];
  const listener = news.hearing({
    onEvent: (event) => heard.push(event),
    onConnection: () => undefined,
    onFailure: () => undefined,
  });
  const versionAfter = (event: unknown) => {
    listener.onEvent(event as FeedEvent, true);
    return news.version;
  };
  expect(versionAfter({ type: 'run-change', data: { run: { ...exampleRun, endedAtMs: null } } })).toBe(0);
  expect(versionAfter({ type: 'run-change', data: { run: { ...exampleRun, endedAtMs: 2 } } })).toBe(1);
  expect(versionAfter({ type: 'message-change', data: {} })).toBe(2);
  expect(versionAfter({ type: 'feed-start', data: { isWhole: true } })).toBe(2);
  expect(versionAfter({ type: 'feed-start', data: { isWhole: false } })).toBe(3);
  expect(heard).toHaveLength(5);
});
