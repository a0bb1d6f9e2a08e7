import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/fakeClock.ts';
import { passTime } from '../../test/passTime.ts';
import { createChannelHints } from './channelHints.ts';
import type { ChannelMessage } from './hintChannel.ts';
import type { Hint, Hints } from './hints.ts';

let clock: FakeClock;
let sent: ChannelMessage[][];
let logged: string[];
let heard: Hint[];
let channel: { isDead: boolean; hold: Promise<void> | null; onText: (text: string) => void };
let hints: Hints;

const appended = (runId: string): Hint => ({ type: 'appended', runId });
/** What was sent to another process. */
const textsTo = (bootId: string) =>
  sent.map((messages) => messages.filter((each) => each.bootId === bootId).map(({ text }) => text));

beforeEach(() => {
  clock = new FakeClock();
  sent = [];
  logged = [];
  heard = [];
  channel = { isDead: false, hold: null, onText: () => undefined };
  hints = createChannelHints({
    bootId: 'me',
    clock,
    logger: {
      info: (_, message) => void logged.push(`info: ${message}`),
      warn: (_, message) => void logged.push(`warn: ${message}`),
    },
    open: ({ onText }) => {
      channel.onText = onText;
      return {
        async send(messages) {
          sent.push([...messages]);
          await channel.hold;
          if (channel.isDead) throw new Error('The channel is dead.');
          for (const { bootId, text } of messages) if (bootId === 'me') onText(text);
        },
        close: async () => undefined,
      };
    },
  });
  hints.listen((hint) => heard.push(hint));
});
afterEach(async () => {
  await hints.close();
  expect(clock.pendingTimers).toBe(0);
});

describe('hints over a channel', () => {
  it('travel together, each once', async () => {
    for (const runId of ['a', 'b', 'a', 'a']) hints.publish('them', appended(runId));
    hints.publish('others', { type: 'cancelled', runId: 'a' });
    await passTime(clock, 20);
    expect(textsTo('them')).toEqual([['[["a","a"],["a","b"]]']]);
    expect(textsTo('others')).toEqual([['[["c","a"]]']]);
  });

  it('gather while an earlier send is under way', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    channel.hold = promise;
    hints.publish('them', appended('a'));
    await passTime(clock, 20);
    for (const runId of ['b', 'c']) hints.publish('them', appended(runId));
    await passTime(clock, 200);
    expect(textsTo('them')).toEqual([['[["a","a"]]']]);
    channel.hold = null;
    resolve();
    await passTime(clock, 40);
    expect(textsTo('them')).toEqual([['[["a","a"]]'], ['[["a","b"],["a","c"]]']]);
  });

  it('are bounded while the channel is slow, and what is too much is dropped', async () => {
    for (let index = 0; index < 20_000; index += 1) hints.publish('them', appended(`run-${index}`));
    await passTime(clock, 20);
    expect(textsTo('them').flat().join('').split('["a"').length - 1).toBeLessThanOrEqual(10_000);
  });

  it('reach their listener, and foreign texts do not', async () => {
    channel.onText('[["f","run","them"]]');
    channel.onText('hello');
    channel.onText('[["a","run"],["a","../../etc"]]');
    expect(heard).toEqual([{ type: 'followed', runId: 'run', bootId: 'them' }]);
  });
});

describe('a channel', () => {
  it('is known to work once its first ping came back', async () => {
    expect(hints.areArriving).toBe(false);
    await passTime(clock, 20);
    expect(hints.areArriving).toBe(true);
    sent.length = 0;
    await passTime(clock, 60_000);
    expect(sent.length).toBe(6);
    expect(logged).toEqual([]);
  });

  it.each([
    ['fails to send', () => (channel.isDead = true)],
    ['loses what was sent, as behind a pooler', () => (channel.onText = () => undefined)],
  ])('that %s is noticed within twelve seconds, and logged once', async (_, breakIt) => {
    await passTime(clock, 20);
    breakIt();
    channel.isDead = true;
    await passTime(clock, 12_100);
    expect(hints.areArriving).toBe(false);
    await passTime(clock, 60_000);
    expect(logged).toEqual([expect.stringMatching(/^warn: no hints of other processes arrive/)]);
    channel.isDead = false;
    await passTime(clock, 3000);
    expect([hints.areArriving, logged.length]).toEqual([true, 2]);
  });

  it('is not trusted by the echo of an earlier ping', async () => {
    channel.isDead = true;
    await passTime(clock, 5000);
    channel.onText('[["p",1]]');
    await setImmediate();
    expect(hints.areArriving).toBe(false);
  });
});
