/** Adds queued messages at the server, each under its key, so that it is added once. */
import type { RillClient, ChatQueue as StoredQueue } from '@rill/client/source';
import type { RillError } from '@rill/protocol';
import { asSent } from '../files/written.ts';
import { asRillError } from '../rillError.ts';
import type { QueuedAdd, UnsentStore } from './unsentStore.svelte.ts';

export type AddsClient = Pick<RillClient, 'addToQueue'>;

export interface SendAddsOptions {
  readonly client: AddsClient;
  readonly unsent: UnsentStore;
  readonly onStored: (queue: StoredQueue, message: QueuedAdd) => void;
  /** The server will never accept it. */
  readonly onRefused: (message: QueuedAdd, error: RillError) => void;
  /** The server cannot accept it now. */
  readonly onWaiting: () => void;
}

/** One after another, so that they stay in order. Never rejects. */
export async function sendAdds(options: SendAddsOptions, messages: readonly QueuedAdd[]): Promise<void> {
  const { client, unsent, onStored, onRefused, onWaiting } = options;
  for (const message of messages) {
    // A message that the server does not have yet creates its chat.
    if (unsent.find(message.chatId)?.makesChat) continue;
    const { projectId, chatId, key, model } = message;
    const add = {
      projectId,
      chatId,
      idempotencyKey: key,
      ...asSent(message),
      ...(model !== null && { model }),
    };
    try {
      onStored(await client.addToQueue(add), message);
      unsent.removeQueued(key);
    } catch (error) {
      const failure = asRillError(error);
      if (failure.isRetryable || failure.code === 'unauthorized') return onWaiting();
      unsent.removeQueued(key);
      onRefused(message, failure);
    }
  }
}
