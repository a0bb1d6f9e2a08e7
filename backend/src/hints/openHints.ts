/** Opens the channel for hints: Redis where it is configured, otherwise the database itself. */
import type { Clock } from '../clock.ts';
import { createChannelHints } from './channelHints.ts';
import type { ChannelLogger } from './hintChannel.ts';
import type { Hints } from './hints.ts';
import { type ListenConnection, openNotifyChannel } from './notifyChannel.ts';
import { openRedisChannel } from './redisChannel.ts';

export interface HintsOptions {
  /** Null for the database's LISTEN and NOTIFY. */
  readonly redisUrl: string | null;
  readonly connect: () => Promise<ListenConnection>;
  readonly bootId: string;
  readonly clock: Clock;
  readonly logger: ChannelLogger;
}

/** Resolves before connecting: hints connect in the background. */
export async function openHints(options: HintsOptions): Promise<Hints> {
  const { redisUrl, bootId, clock, logger } = options;
  const open = redisUrl === null ? openNotifyChannel(options) : await openRedisChannel(redisUrl);
  return createChannelHints({ open, bootId, clock, logger });
}
