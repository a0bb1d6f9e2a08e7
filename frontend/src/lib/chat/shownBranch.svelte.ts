/**
 * The branch of a chat that is shown: the server's messages and what became of the runs that were watched here.
 * Invariant: a message is in it once, keeps the element under which it was first shown, and a figure that the provider
 * gave is never followed by an estimate.
 */
import type { ChatDetail, Message, Usage } from '@rill/protocol';
import type { LiveRun } from './liveRun.svelte.ts';
import {
  chatCost,
  messagesBefore,
  type PendingMessage,
  siblingsOfAnswer,
  type TranscriptItem,
  transcriptItems,
} from './transcript.ts';

export class ShownBranch {
  messages = $state.raw<readonly Message[]>([]);
  siblings = $state.raw<Readonly<Record<string, readonly string[]>>>({});
  /** Transcript keys by message id, for user messages that were on screen before the server named them. */
  readonly #keys = new Map<string, string>();
  /** Ended runs by message id, so that the element that showed the answer growing also shows it done. */
  readonly #watched = new Map<string, LiveRun>();
  /** What the provider said that answers used, by message id. */
  readonly #usages = new Map<string, Usage>();
  readonly cost = $derived(chatCost(this.messages));

  /** False when the messages do not follow each other, because another tab added some that were not read here. */
  get isWhole(): boolean {
    return this.messages.every(({ parentId }, index) => parentId === (this.messages[index - 1]?.id ?? null));
  }

  items(pending: PendingMessage | null, live: LiveRun | null): TranscriptItem[] {
    const { messages, siblings } = this;
    return transcriptItems({ messages, siblings, pending, live, watched: this.#watched, keys: this.#keys });
  }

  /** Shows what the server has, without the answers that are being written: those belong to a live run. */
  show({ messages, siblings }: ChatDetail, runningIds: readonly (string | null | undefined)[]): void {
    const ended = messages.filter(({ id }) => !runningIds.includes(id));
    const endedById = new Map(ended.map((message) => [message.id, message]));
    for (const [id, live] of this.#watched) {
      const message = endedById.get(id);
      if (message) live.correct(message);
      else this.#watched.delete(id);
    }
    this.siblings = siblings;
    this.messages = ended;
  }

  /** The server has the message that was shown under `key`. */
  addUserMessage(message: Message, key: string): void {
    this.#keys.set(message.id, key);
    this.messages = [...this.messages.filter(({ id }) => id !== message.id), message];
  }

  /** A watched run ended: its message joins the others in one step and keeps its element, so nothing flickers. */
  addAnswer(ended: Message, live: LiveRun): void {
    const message = this.#withUsage(ended);
    if (message !== ended) live.correct(message);
    const siblings = siblingsOfAnswer(message.id, live, this.siblings);
    const before = messagesBefore(this.messages, live.replaces).filter(({ id }) => id !== message.id);
    this.#watched.set(message.id, live);
    if (siblings.length > 0) this.siblings = { ...this.siblings, [message.id]: siblings };
    this.messages = [...before, message];
  }

  /** The server knows better what an answer used, be it shown or not. */
  takeUsage(messageId: string, usage: Usage): void {
    if (!usage.estimated) this.#usages.set(messageId, usage);
    const message = this.messages.find(({ id }) => id === messageId);
    if (!message?.usage?.estimated) return;
    const corrected = { ...message, usage };
    this.#watched.get(messageId)?.correct(corrected);
    this.messages = this.messages.map((shown) => (shown === message ? corrected : shown));
  }

  /** An answer that ends here late can bring an estimate that was replaced meanwhile. */
  #withUsage(message: Message): Message {
    const usage = this.#usages.get(message.id);
    return usage && message.usage?.estimated ? { ...message, usage } : message;
  }
}

export function createShownBranch(): ShownBranch {
  return new ShownBranch();
}
