/**
 * Announces to all tabs of a browser the answers that ended unseen: in no visible tab that shows their chat. The tab
 * that reads the feed decides, so each end is judged once.
 */
import type { Run } from '@rill/protocol';
import type { LockRequester, TabChannel } from './tabEnvironment.ts';
import { takeLock } from './tabLocks.ts';
import type { TabState } from './tabState.ts';

export interface UnseenEnd {
  readonly run: Run;
  /** True in one tab of the browser, the one that may show a notification. */
  readonly isTeller: boolean;
  /** True when this tab was hidden at that moment. */
  readonly wasHidden: boolean;
}

export interface EndedRunListener {
  readonly onUnseenEnd: (end: UnseenEnd) => void;
  /** The chat is now seen in one of the tabs. */
  readonly onSeen: (chatId: string) => void;
}

const channelName = 'rill:1:ended';
/** Held by a visible tab for the chat that it shows. */
const sightLock = (chatId: string) => `rill:1:sight:${chatId}`;

type TabMessage = { readonly unseen: Run } | { readonly seenChatId: string };

export class EndedRuns {
  readonly #tab: TabState;
  readonly #listener: EndedRunListener;
  readonly #lifetime = new AbortController();
  #channel: TabChannel | null = null;
  #shownChatId: string | null = null;
  /** Resolved once the lock of the chat that was shown last is released. */
  #held = { chatId: '', released: Promise.resolve() };
  #showing = new AbortController();

  constructor(tab: TabState, listener: EndedRunListener) {
    this.#tab = tab;
    this.#listener = listener;
    void this.#listen();
  }

  /** Sets which chat this tab shows. */
  show(chatId: string | null): void {
    if (chatId === this.#shownChatId) return;
    this.#showing.abort();
    this.#showing = new AbortController();
    this.#shownChatId = chatId;
    if (chatId !== null) void this.#hold(chatId, this.#showing.signal);
  }

  /** Handles a run that has ended, from the feed. `isReader`: this tab reads the feed for all. */
  async take(run: Run, isReader: boolean): Promise<void> {
    if (!isReader || (await this.#isSeen(run.chatId))) return;
    this.#channel?.postMessage({ unseen: run } satisfies TabMessage);
    this.#tellUnseen(run, true);
  }

  dispose(): void {
    this.#lifetime.abort();
    this.#showing.abort();
  }

  /** A sleeping tab closes its channel: an open one would keep it out of the back-forward cache. */
  async #listen(): Promise<void> {
    const { environment, isAwake } = this.#tab;
    if (environment.locks === null) return;
    const { signal } = this.#lifetime;
    while (!signal.aborted) {
      await this.#tab.waitFor(isAwake, signal);
      const scope = this.#tab.whileTrue(isAwake, signal);
      const channel = environment.openChannel(channelName);
      channel.onmessage = ({ data }) => this.#receive(data as TabMessage);
      this.#channel = channel;
      await ended(scope.signal);
      this.#channel = null;
      channel.close();
      scope.end();
    }
  }

  #receive(message: TabMessage): void {
    if ('seenChatId' in message) this.#listener.onSeen(message.seenChatId);
    else this.#tellUnseen(message.unseen, false);
  }

  #tellUnseen(run: Run, isTeller: boolean): void {
    // This tab became visible while another one decided.
    if (this.#isSeenHere(run.chatId)) this.#tellSeen(run.chatId);
    else this.#listener.onUnseenEnd({ run, isTeller, wasHidden: !this.#tab.isVisible() });
  }

  #tellSeen(chatId: string): void {
    this.#channel?.postMessage({ seenChatId: chatId } satisfies TabMessage);
    this.#listener.onSeen(chatId);
  }

  #isSeenHere(chatId: string): boolean {
    return this.#shownChatId === chatId && this.#tab.isVisible();
  }

  async #isSeen(chatId: string): Promise<boolean> {
    if (this.#isSeenHere(chatId)) return true;
    // This tab no longer shows the chat, or has just been hidden.
    if (this.#held.chatId === chatId) await this.#held.released;
    const release = await takeLock(this.#tab.environment.locks, [sightLock(chatId)]);
    release?.();
    return release === null;
  }

  async #hold(chatId: string, signal: AbortSignal): Promise<void> {
    const { environment, isVisible } = this.#tab;
    while (!signal.aborted) {
      await this.#tab.waitFor(isVisible, signal);
      const scope = this.#tab.whileTrue(isVisible, signal);
      if (!scope.signal.aborted) this.#tellSeen(chatId);
      const released = holdWhile(environment.locks, sightLock(chatId), scope.signal);
      this.#held = { chatId, released };
      await released;
      // Where locks are refused, nothing was held so far.
      await ended(scope.signal);
      scope.end();
    }
  }
}

/**
 * Holds the lock from when it is free until the abort. Resolves when the browser knows that it is released: an earlier
 * request would still find it taken.
 */
async function holdWhile(locks: LockRequester | null, name: string, signal: AbortSignal): Promise<void> {
  try {
    await locks?.request(name, { signal }, () => ended(signal));
  } catch {
    // The lock may have been granted while its request was aborted. Once another request is answered, it has been
    // released.
    await locks?.request(name, { ifAvailable: true }, () => Promise.resolve()).catch(() => undefined);
  }
}

function ended(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
