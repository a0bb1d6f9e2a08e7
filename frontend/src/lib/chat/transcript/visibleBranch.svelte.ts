/**
 * Holds the branch of a chat that is shown: the server's messages and the answers of runs watched here.
 * Invariant: a message is in it once, keeps the element under which it was first shown, an estimate never replaces a
 * figure of the provider, and the usage of an answer counts into the cost of the chat on every branch.
 */
import type { ChatDetail, DeletedMessage, Message, Usage } from '@rill/protocol';
import type { WatchedRun } from '../run/watchedRun.svelte.ts';
import { keepSame } from './keepSame.ts';
import {
  costOf,
  messagesBefore,
  type PendingMessage,
  siblingsOfAnswer,
  type TranscriptItem,
  transcriptItems,
} from './transcript.ts';

export class VisibleBranch {
  messages = $state.raw<readonly Message[]>([]);
  siblings = $state.raw<Readonly<Record<string, readonly string[]>>>({});
  /** Transcript keys by message id, for user messages that were on screen before the server sent their id. */
  readonly #keys = new Map<string, string>();
  /** Ended runs by message id, so that the element that showed the answer growing also shows it done. */
  readonly #watched = new Map<string, WatchedRun>();
  /** The usage that the provider reported, by message id. */
  readonly #usages = new Map<string, Usage>();
  #items: readonly TranscriptItem[] = [];
  /** The deleted messages that can be restored, last deleted first. */
  deletedMessages = $state.raw<readonly DeletedMessage[]>([]);
  /** The message that another version is replacing, while that is being sent. */
  #replaced: (Pick<Message, 'id' | 'parentId'> & { readonly siblings: readonly string[] }) | null = null;
  /** The usage of answers that are on no shown branch, by message id. */
  #otherUsages = $state.raw<Readonly<Record<string, Usage>>>({});
  readonly #shownUsages = $derived(this.messages.filter(isOriginal).map(({ usage }) => usage));
  /** The cost of the shown branch. */
  readonly branchCost = $derived(costOf(this.#shownUsages));
  /** The cost of all branches: deleted answers still count. */
  readonly cost = $derived(costOf([...this.#shownUsages, ...Object.values(this.#otherUsages)]));

  /** False when the messages do not follow each other, because another tab added some that were not read here. */
  get isWhole(): boolean {
    return this.messages.every(({ parentId }, index) => parentId === (this.messages[index - 1]?.id ?? null));
  }

  /** An unchanged item is the same object, so that nothing of it is drawn again. */
  items(pending: PendingMessage | null, live: WatchedRun | null): readonly TranscriptItem[] {
    const { messages, siblings } = this;
    const source = { messages, siblings, pending, live, watched: this.#watched, keys: this.#keys };
    this.#items = keepSame(this.#items, transcriptItems(source), ({ key }) => key);
    return this.#items;
  }

  /** Shows the server's messages, without the answers that are being written: those belong to a live run. */
  show(
    { messages, siblings, otherUsages = {}, deletedMessages = [] }: ChatDetail,
    runningIds: readonly (string | null | undefined)[],
  ): void {
    const ended = messages.filter(({ id }) => !runningIds.includes(id));
    const endedIds = new Set(ended.map(({ id }) => id));
    for (const id of this.#watched.keys()) if (!endedIds.has(id)) this.#watched.delete(id);
    this.siblings = siblings;
    this.#otherUsages = otherUsages;
    this.deletedMessages = deletedMessages;
    const replaced = ended.find(({ id }) => id === this.#replaced?.id);
    this.#replaced = null;
    this.messages = keepSame(this.messages, ended, ({ id }) => id);
    if (replaced) this.cutBefore(replaced);
  }

  /** The server has the message that was shown under `key`. */
  addUserMessage(message: Message, key: string): void {
    this.#keys.set(message.id, key);
    const { siblings = [], parentId } = this.#replaced ?? {};
    if (siblings.length > 0 && parentId === message.parentId)
      this.siblings = { ...this.siblings, [message.id]: [...siblings, message.id] };
    this.#replaced = null;
    this.messages = [...this.messages.filter(({ id }) => id !== message.id), message];
  }

  /** Another version of this message is being sent: the shown branch ends before it. */
  cutBefore({ id, parentId }: Message): void {
    const before = messagesBefore(this.messages, id);
    this.#replaced = { id, parentId, siblings: this.siblings[id] ?? [id] };
    this.#keepUsages(this.messages.slice(before.length));
    this.messages = before;
  }

  /** That version is not sent after all: the next reading shows the whole branch. */
  endCut(): void {
    this.#replaced = null;
  }

  /** A message with the other parts of the same answer, first part first. */
  partsOf(messageId: string): readonly Message[] {
    const index = this.messages.findIndex(({ id }) => id === messageId);
    const message = this.messages[index];
    if (!message) return [];
    if (message.role === 'user') return [message];
    const isUser = ({ role }: Message) => role === 'user';
    const start = this.messages.slice(0, index).findLastIndex(isUser) + 1;
    const length = this.messages.slice(index).findIndex(isUser);
    return this.messages.slice(start, length < 0 ? undefined : index + length);
  }

  /** Adds the message of a watched run that ended, in one step and with its element, so that nothing flickers. */
  addAnswer(ended: Message, live: WatchedRun): void {
    const message = this.#withUsage(ended);
    const siblings = siblingsOfAnswer(message.id, live, this.siblings);
    const before = messagesBefore(this.messages, live.replaces).filter(({ id }) => id !== message.id);
    this.#watched.set(message.id, live);
    if (siblings.length > 0) this.siblings = { ...this.siblings, [message.id]: siblings };
    this.#keepUsages(this.messages.filter((shown) => shown.id !== message.id && !before.includes(shown)));
    this.messages = [...before, message];
  }

  /** Corrects the usage of an answer, whether it is shown or not. */
  takeUsage(messageId: string, usage: Usage): void {
    if (!usage.estimated) this.#usages.set(messageId, usage);
    const message = this.messages.find(({ id }) => id === messageId);
    if (this.#otherUsages[messageId]?.estimated)
      this.#otherUsages = { ...this.#otherUsages, [messageId]: usage };
    if (!message?.usage?.estimated) return;
    const corrected = { ...message, usage };
    this.messages = this.messages.map((shown) => (shown === message ? corrected : shown));
  }

  /** Notes that these answers are no longer shown. */
  #keepUsages(messages: readonly Message[]): void {
    const used = messages
      .filter(isOriginal)
      .flatMap(({ id, usage }) => (usage ? [[id, usage] as const] : []));
    if (used.length > 0) this.#otherUsages = { ...this.#otherUsages, ...Object.fromEntries(used) };
  }

  /** An answer that ends here late can bring an estimate that was replaced meanwhile. */
  #withUsage(message: Message): Message {
    const usage = this.#usages.get(message.id);
    return usage && message.usage?.estimated ? { ...message, usage } : message;
  }
}

/** The usage of a copy belongs to its original. */
const isOriginal = ({ copyOf }: Message) => copyOf === undefined;
