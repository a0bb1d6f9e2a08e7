/**
 * Keeps the messages that the server has not confirmed, one of a chat at most. They outlive the page and are shared by
 * all tabs.
 * Invariant: a message is here from its send to its confirmation, under one chat and one key, so that however often and
 * from wherever it is sent again, the server stores it once.
 */
import type { SendMessage } from '@rill/protocol';
import type { Written } from '../files/written.ts';

export interface UnsentMessage extends Written {
  readonly projectId: string;
  readonly chatId: string;
  /** True for a first message: it creates the chat, whose id was made here. */
  readonly makesChat: boolean;
  /** The idempotency key of the send. */
  readonly key: string;
  /** The model that was chosen; null for none. */
  readonly model: string | null;
  /** Whether the web may be used from this message on; absent when the chat decides. */
  readonly webSearch?: boolean;
  /** The initial values of the chat that it creates. */
  readonly newChat?: NonNullable<SendMessage['newChat']>;
  readonly createdAtMs: number;
  /** Why it is not sent by itself; null while it is. */
  readonly hold: string | null;
  /** True when it never can be sent as it is. */
  readonly isRefused: boolean;
  /** True once the text of a first message is back in the composer of its chat. */
  readonly isDraft: boolean;
}

/** A message that is to wait at the server behind a running answer, and that the server has not confirmed. */
export interface QueuedAdd extends Written {
  readonly projectId: string;
  readonly chatId: string;
  readonly key: string;
  readonly model: string | null;
  readonly createdAtMs: number;
}

const prefix = 'rill:unsent:';
const queuedPrefix = 'rill:queued:';

export class UnsentStore {
  #all = $state.raw<readonly UnsentMessage[]>([]);
  #queued = $state.raw<readonly QueuedAdd[]>([]);
  readonly #storage: Storage | null;
  readonly #onStorage = (event: StorageEvent) => {
    if (event.key === null || event.key.startsWith(prefix) || event.key.startsWith(queuedPrefix))
      this.#read();
  };

  /** `storage` may be missing or throw (blocked, full): then messages wait as long as the page. */
  constructor(storage: Storage | null) {
    this.#storage = storage;
    this.#read();
    if (storage) globalThis.addEventListener?.('storage', this.#onStorage);
  }

  /** All of them, oldest first. */
  get all(): readonly UnsentMessage[] {
    return this.#all;
  }

  find(chatId: string | null): UnsentMessage | null {
    return this.#all.find((message) => message.chatId === chatId) ?? null;
  }

  /** True when it waits to be sent by itself. */
  isWaiting(chatId: string | null): boolean {
    const message = this.find(chatId);
    return message !== null && message.hold === null && !message.isDraft;
  }

  put(message: UnsentMessage): void {
    this.#all = [...this.#all.filter(({ chatId }) => chatId !== message.chatId), message];
    this.#store(prefix + message.chatId, message);
  }

  remove(chatId: string): void {
    this.#all = this.#all.filter((message) => message.chatId !== chatId);
    this.#forget(prefix + chatId);
  }

  /** Messages for the queues of all chats, oldest first. */
  get queued(): readonly QueuedAdd[] {
    return this.#queued;
  }

  putQueued(message: QueuedAdd): void {
    this.#queued = [...this.#queued.filter(({ key }) => key !== message.key), message];
    this.#store(queuedPrefix + message.key, message);
  }

  removeQueued(key: string): void {
    this.#queued = this.#queued.filter((message) => message.key !== key);
    this.#forget(queuedPrefix + key);
  }

  dispose(): void {
    globalThis.removeEventListener?.('storage', this.#onStorage);
  }

  #store(key: string, message: object): void {
    try {
      this.#storage?.setItem(key, JSON.stringify(message));
    } catch {
      // Blocked or full storage: it waits as long as the page.
    }
  }

  #forget(key: string): void {
    try {
      this.#storage?.removeItem(key);
    } catch {
      // Blocked storage holds none.
    }
  }

  #read(): void {
    const { length } = this.#storage ?? { length: 0 };
    const keys = Array.from({ length }, (_, index) => this.#storage?.key(index) ?? '');
    const readAll = <Kept extends { readonly createdAtMs: number }>(
      start: string,
      parseOne: (json: string) => Kept[],
    ) =>
      keys
        .filter((key) => key.startsWith(start))
        .flatMap((key) => parseOne(this.#storage?.getItem(key) ?? ''))
        .sort((first, second) => first.createdAtMs - second.createdAtMs);
    this.#all = readAll(prefix, parse);
    this.#queued = readAll(queuedPrefix, parseQueued);
  }
}

function parseQueued(json: string): QueuedAdd[] {
  try {
    const value: unknown = JSON.parse(json);
    return isQueuedAdd(value) ? [value] : [];
  } catch {
    return [];
  }
}

function isQueuedAdd(value: unknown): value is QueuedAdd {
  if (typeof value !== 'object' || value === null) return false;
  const fields: Partial<Record<string, unknown>> = { ...value };
  return (
    ['projectId', 'chatId', 'key', 'content'].every((name) => typeof fields[name] === 'string') &&
    (fields.model === null || typeof fields.model === 'string') &&
    typeof fields.createdAtMs === 'number'
  );
}

/** None for what an older or newer page has written otherwise. */
function parse(json: string): UnsentMessage[] {
  try {
    const value: unknown = JSON.parse(json);
    return isUnsentMessage(value)
      ? [{ ...value, makesChat: value.makesChat ?? true, isRefused: value.isRefused ?? false }]
      : [];
  } catch {
    return [];
  }
}

/** Older pages kept first messages only, and did not say what can never be sent. */
type StoredMessage = Omit<UnsentMessage, 'makesChat' | 'isRefused'> & Partial<UnsentMessage>;

function isUnsentMessage(value: unknown): value is StoredMessage {
  if (typeof value !== 'object' || value === null) return false;
  const fields: Partial<Record<string, unknown>> = { ...value };
  const hasTexts = ['projectId', 'chatId', 'key', 'content'].every(
    (name) => typeof fields[name] === 'string',
  );
  const isNullable = ['model', 'hold'].every(
    (name) => fields[name] === null || typeof fields[name] === 'string',
  );
  return (
    hasTexts && isNullable && typeof fields.createdAtMs === 'number' && typeof fields.isDraft === 'boolean'
  );
}
