/** Tests what carries hints on the real programs: PostgreSQL by LISTEN and NOTIFY, and Redis. */
import { setImmediate } from 'node:timers/promises';
import { v7 as newId } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createChannelHints } from '../../src/hints/channelHints.ts';
import type { HintChannel, OpenChannel } from '../../src/hints/hintChannel.ts';
import { openNotifyChannel } from '../../src/hints/notifyChannel.ts';
import { openRedisChannel } from '../../src/hints/redisChannel.ts';
import {
  describeWithPostgres,
  openPostgresTestDatabase,
  type PostgresTestDatabase,
} from '../postgres/postgresTestDatabase.ts';
import { hasRedis, type RedisServer, startRedis } from './redisServer.ts';

interface OpenBroker {
  readonly open: OpenChannel;
  /** Cuts every connection; the next may be made at once. */
  cut(): Promise<void>;
  close(): Promise<void>;
}

/** How long a test looks for something to happen, in milliseconds. */
const limitMs = 15_000;

function describeChannel(name: string, openBroker: () => Promise<OpenBroker>): void {
  describe(name, () => {
    let broker: OpenBroker;
    let channels: HintChannel[];
    let logged: string[];
    beforeEach(async () => {
      broker = await openBroker();
      channels = [];
      logged = [];
    });
    afterEach(async () => {
      await Promise.all(channels.map((channel) => channel.close()));
      await broker.close();
    });

    function open(bootId: string): { channel: HintChannel; heard: string[] } {
      const heard: string[] = [];
      const logger = {
        info: (_: object, message: string) => void logged.push(message),
        warn: (_: object, message: string) => void logged.push(message),
      };
      const channel = broker.open({ bootId, logger, onText: (text) => heard.push(text) });
      channels.push(channel);
      return { channel, heard };
    }

    /** Sends until it is heard: a channel connects in the background. */
    async function sendUntilHeard(from: HintChannel, to: string, heard: string[], text: string) {
      const startMs = systemClock.elapsedMs();
      while (!heard.includes(text)) {
        if (systemClock.elapsedMs() - startMs > limitMs) throw new Error(`${text} was not heard.`);
        await from.send([{ bootId: to, text }]).catch(() => undefined);
        await setImmediate();
      }
    }

    it('delivers a text to the process that it names, and to no other', async () => {
      const [a, b, c] = [newId(), newId(), newId()];
      const [from, to, other] = [open(a), open(b), open(c)];
      await sendUntilHeard(from.channel, c, other.heard, 'ready');
      await sendUntilHeard(from.channel, b, to.heard, 'hello');
      const texts = ['first', 'x'.repeat(7900), '[["a","run"]]'];
      await from.channel.send(texts.map((text) => ({ bootId: b, text })));
      await sendUntilHeard(from.channel, b, to.heard, 'last');
      expect(to.heard.filter((text) => text !== 'hello' && text !== 'last')).toEqual(texts);
      expect(new Set(other.heard)).toEqual(new Set(['ready']));
    });

    it('delivers to a process what it sends itself', async () => {
      const bootId = newId();
      const { channel, heard } = open(bootId);
      await sendUntilHeard(channel, bootId, heard, 'ping');
    });

    it('works again after its connections were cut, and reports it once', async () => {
      const [a, b] = [newId(), newId()];
      const [from, to] = [open(a), open(b)];
      await sendUntilHeard(from.channel, b, to.heard, 'before');
      await broker.cut();
      await sendUntilHeard(from.channel, b, to.heard, 'after');
      expect(logged.length).toBeLessThanOrEqual(2);
    });

    it('echoes the pings of hints over it', async () => {
      const logger = { info: () => undefined, warn: () => undefined };
      const [here, there] = [newId(), newId()].map((bootId) => ({
        bootId,
        hints: createChannelHints({ open: broker.open, bootId, clock: systemClock, logger }),
      }));
      const heard: string[] = [];
      there!.hints.listen((hint) => hint.type === 'appended' && heard.push(hint.runId));
      const startMs = systemClock.elapsedMs();
      while (!here!.hints.areArriving || !heard.includes('run')) {
        if (systemClock.elapsedMs() - startMs > limitMs) throw new Error('No echo came.');
        here!.hints.publish(there!.bootId, { type: 'appended', runId: 'run' });
        await setImmediate();
      }
      for (const each of [here, there]) await each!.hints.close();
    });
  });
}

describeWithPostgres('hints in PostgreSQL', () => {
  describeChannel('LISTEN and NOTIFY', async () => {
    const test: PostgresTestDatabase = await openPostgresTestDatabase();
    const { database } = test;
    return {
      open: openNotifyChannel({ connect: () => database.connect('listen'), clock: systemClock }),
      async cut() {
        const admin = await database.connect('control');
        await admin.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name LIKE '% listen'`,
        );
        await admin.end();
      },
      close: () => test.close(),
    };
  });
});

if (hasRedis)
  describeChannel('publish and subscribe of Redis', async () => {
    const redis: RedisServer = await startRedis();
    return {
      open: await openRedisChannel(redis.url),
      async cut() {
        await redis.stop();
        await redis.start();
      },
      close: () => redis.stop(),
    };
  });
else
  it('hints in Redis: needs Redis', (context) => {
    if (process.env.RILL_NEEDS_POSTGRES) throw new Error('Redis is needed and not installed.');
    context.skip('Redis is not installed (Debian: redis-server).');
  });
