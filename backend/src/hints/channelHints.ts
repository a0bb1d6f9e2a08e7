/**
 * Exchanges hints over a channel: collects them for a few milliseconds, sends each once, and pings itself every ten
 * seconds. If the ping does not return, the channel is broken, or passes through a pooler without sessions.
 */
import type { Clock } from '../clock.ts';
import type { ChannelLogger, OpenChannel } from './hintChannel.ts';
import type { Hint, Hints } from './hints.ts';
import { parseText, type Signal, toTexts } from './hintText.ts';

/** How long hints are collected, in milliseconds, so that many are sent together. */
const gatherMs = 15;
/** Most hints that may wait while the channel is slow; more are dropped, since hints only save time. */
const maxWaiting = 10_000;
const pingMs = 10_000;
/** How long an echo is waited for. */
const echoMs = 2000;
/** Shorter until the channel works for the first time. */
const firstPingMs = 500;

export interface ChannelHintsOptions {
  readonly open: OpenChannel;
  readonly bootId: string;
  readonly clock: Clock;
  readonly logger: ChannelLogger;
}

export function createChannelHints(options: ChannelHintsOptions): Hints {
  return new ChannelHints(options);
}

class ChannelHints implements Hints {
  readonly #options: ChannelHintsOptions;
  readonly #channel: ReturnType<OpenChannel>;
  /** Waiting hints, by process and text, so that each is sent once. */
  readonly #waiting = new Map<string, Map<string, Signal>>();
  #waitingCount = 0;
  #cancelGathering: (() => void) | undefined;
  #sending: Promise<void> | undefined;
  #listener: (hint: Hint) => void = () => undefined;
  #pingNumber = 0;
  #echoNumber = 0;
  #cancelPing: (() => void) | undefined;
  #state: 'new' | 'arriving' | 'silent' = 'new';
  #isClosed = false;

  constructor(options: ChannelHintsOptions) {
    const { open, bootId, logger } = options;
    this.#options = options;
    this.#channel = open({ bootId, logger, onText: (text) => this.#receive(text) });
    this.#ping();
  }

  get areArriving(): boolean {
    return this.#state === 'arriving';
  }

  publish(bootId: string, hint: Hint): void {
    this.#add(bootId, hint);
  }

  listen(listener: (hint: Hint) => void): void {
    this.#listener = listener;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelGathering?.();
    this.#cancelPing?.();
    await this.#sending;
    await this.#channel.close();
  }

  #add(bootId: string, signal: Signal): void {
    if (this.#isClosed || this.#waitingCount >= maxWaiting) return;
    const ofBoot = this.#waiting.get(bootId) ?? new Map<string, Signal>();
    this.#waiting.set(bootId, ofBoot);
    const key = keyOf(signal);
    if (!ofBoot.has(key)) this.#waitingCount += 1;
    ofBoot.set(key, signal);
    this.#gather();
  }

  #gather(): void {
    if (this.#isClosed || this.#sending) return;
    this.#cancelGathering ??= this.#options.clock.schedule(gatherMs, () => {
      this.#cancelGathering = undefined;
      this.#sending = this.#send().then(() => {
        this.#sending = undefined;
        if (this.#waiting.size > 0) this.#gather();
      });
    });
  }

  /** Never rejects. Hints that cannot be sent are dropped; the ping detects a channel that stays broken. */
  async #send(): Promise<void> {
    const messages = [...this.#waiting].flatMap(([bootId, signals]) =>
      toTexts([...signals.values()]).map((text) => ({ bootId, text })),
    );
    this.#waiting.clear();
    this.#waitingCount = 0;
    // Hints are not needed for correctness: readers also poll.
    await this.#channel.send(messages).catch(() => undefined);
  }

  #receive(text: string): void {
    for (const signal of parseText(text)) {
      if (signal.type !== 'ping') this.#listener(signal);
      else if (signal.number === this.#pingNumber) this.#hear(signal.number);
    }
  }

  #hear(number: number): void {
    this.#echoNumber = number;
    if (this.#state === 'silent')
      this.#options.logger.info({}, 'hints of other processes are arriving again');
    this.#state = 'arriving';
  }

  #ping(): void {
    this.#pingNumber += 1;
    this.#add(this.#options.bootId, { type: 'ping', number: this.#pingNumber });
    this.#cancelPing = this.#options.clock.schedule(echoMs, () => this.#checkEcho());
  }

  #checkEcho(): void {
    const isHeard = this.#echoNumber === this.#pingNumber;
    if (!isHeard && this.#state !== 'silent') {
      this.#options.logger.warn(
        {},
        'no hints of other processes arrive: answers and cancels between processes take a little longer',
      );
      this.#state = 'silent';
    }
    const waitMs = isHeard ? pingMs - echoMs : firstPingMs;
    this.#cancelPing = this.#options.clock.schedule(waitMs, () => this.#ping());
  }
}

/** Equal for signals of which the last one is enough. */
function keyOf(signal: Signal): string {
  if (signal.type === 'ping') return signal.type;
  if (signal.type !== 'temporary-change') return `${signal.type} ${signal.runId}`;
  return `${signal.event.type} ${signal.event.data.chatId}`;
}
