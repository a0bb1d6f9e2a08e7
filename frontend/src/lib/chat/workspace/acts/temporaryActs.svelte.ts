/** Makes, keeps and ends temporary chats. */
import type { RillClient } from '@rill/client/source';
import type { Chat } from '@rill/protocol';
import type { DraftStore } from '../../unsent/draftStore.ts';
import type { ChatActsOptions } from './chatActs.svelte.ts';

export interface TemporaryActsOptions
  extends Pick<ChatActsOptions, 'attempt' | 'leave' | 'lists' | 'reopen'> {
  readonly client: Pick<RillClient, 'createChat' | 'keepChat' | 'deleteChat'>;
  readonly drafts: Pick<DraftStore, 'write' | 'flush'>;
}

export class TemporaryActs {
  /**
   * True while one is being created: text that is typed now is meant for it, and not for the chat that is still in
   * view.
   */
  isStarting = $state(false);
  readonly #options: TemporaryActsOptions;

  constructor(options: TemporaryActsOptions) {
    this.#options = options;
  }

  /** Opens an empty one. It is created at once, so that its draft is not among those of stored chats. */
  async start(projectId: string | null): Promise<void> {
    if (this.isStarting || !projectId) return;
    const { client, attempt, reopen } = this.#options;
    this.isStarting = true;
    await attempt(async () => reopen(await client.createChat({ projectId, isTemporary: true })));
    this.isStarting = false;
  }

  /** Makes it a chat like any other. */
  async keep({ projectId, id: chatId }: Chat): Promise<void> {
    const { client, attempt, lists } = this.#options;
    await attempt(async () => lists.keepChats([await client.keepChat({ projectId, chatId })]));
  }

  /** Deletes it permanently, here too: the text that was being written in it is dropped. */
  async end(chat: Chat): Promise<void> {
    const { client, attempt, drafts, leave, reopen } = this.#options;
    const { projectId, id: chatId } = chat;
    const left = leave([chat]);
    const isEnded = await attempt(async () => client.deleteChat({ projectId, chatId }));
    if (isEnded) {
      drafts.write(chatId, '');
      drafts.flush();
    } else if (left) reopen(left);
  }
}
