/** Carries hints with publish and subscribe of Redis or Valkey: one connection listens, one sends. */
import type { Redis } from 'ioredis';
import type { ChannelMessage, HintChannel, OpenChannel } from './hintChannel.ts';

const longestReconnectMs = 2000;

const channelOf = (bootId: string): string => `rill:${bootId}`;

/** Loads the client, which only servers with this setting need. */
export async function openRedisChannel(url: string): Promise<OpenChannel> {
  const { Redis } = await import('ioredis');
  return ({ bootId, onText, logger }) => {
    const connect = (): Redis =>
      new Redis(url, {
        connectTimeout: 3000,
        keepAlive: 10_000,
        // A hint that had to wait for a connection is outdated.
        enableOfflineQueue: false,
        maxRetriesPerRequest: 0,
        retryStrategy: (attempt) => Math.min(attempt * 100, longestReconnectMs),
      });
    const listening = connect();
    const sending = connect();
    const state = { isReported: false };
    const onError = (error: Error): void => {
      // Once until it is connected again.
      if (!state.isReported)
        logger.warn({ err: error }, 'the connection for hints was lost; connecting again');
      state.isReported = true;
    };
    listening.on('error', onError);
    sending.on('error', onError);
    listening.on('ready', () => {
      state.isReported = false;
      listening.subscribe(channelOf(bootId)).catch(onError);
    });
    listening.on('message', (_channel: string, text: string) => onText(text));
    return new RedisChannel(listening, sending);
  };
}

class RedisChannel implements HintChannel {
  readonly #listening: Redis;
  readonly #sending: Redis;

  constructor(listening: Redis, sending: Redis) {
    this.#listening = listening;
    this.#sending = sending;
  }

  async send(messages: readonly ChannelMessage[]): Promise<void> {
    const sent = messages.map(({ bootId, text }) => this.#sending.publish(channelOf(bootId), text));
    await Promise.all(sent);
  }

  async close(): Promise<void> {
    this.#listening.disconnect();
    this.#sending.disconnect();
  }
}
