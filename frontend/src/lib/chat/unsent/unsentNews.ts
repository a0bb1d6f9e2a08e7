/**
 * Sends the text that this browser kept while the server was away, and reports to a chat what was changed in its unsent
 * text elsewhere.
 */
import type { FeedEvent } from '@rill/protocol';
import type { ChatState } from '../chatState.svelte.ts';
import { joined } from '../files/written.ts';
import { type DraftStore, draftKeyOf } from './draftStore.ts';
import { type DraftClient, sendUnsynced } from './draftSync.svelte.ts';
import { readKept, writeKept } from './keptDraft.ts';
import { type AddsClient, sendAdds } from './queuedAdds.ts';
import type { UnsentStore } from './unsentStore.svelte.ts';

export interface SendAllUnsentOptions {
  readonly client: DraftClient & AddsClient;
  readonly drafts: DraftStore;
  readonly unsent: UnsentStore;
  readonly nowMs: () => number;
}

/** `current`: the chat that is shown, which handles its own messages. */
async function sendAllUnsent(
  { client, drafts, unsent, nowMs }: SendAllUnsentOptions,
  current: ChatState | null,
): Promise<void> {
  await current?.syncUnsent();
  const currentKey = current && draftKeyOf(current);
  for (const draft of drafts.unsynced())
    if (draftKeyOf(draft) !== currentKey) await sendUnsynced(client, drafts, draft, nowMs());
  const others = unsent.queued.filter(({ chatId }) => chatId !== current?.chatId);
  await sendAdds(
    {
      client,
      unsent,
      onStored: () => undefined,
      onWaiting: () => undefined,
      // Its text goes to where its writer will find it.
      onRefused: (message) => {
        const { projectId, chatId } = message;
        const unsynced = { projectId, chatId, revision: 0, editedAtMs: nowMs() };
        writeKept(drafts, chatId, joined(readKept(drafts, chatId), message), unsynced);
      },
    },
    others,
  );
}

/** Handles feed events: the server is back, or the draft or the queue of the shown chat changed. */
export function takeUnsentNews(
  options: SendAllUnsentOptions,
  current: ChatState | null,
  event: FeedEvent,
): void {
  if (event.type === 'feed-start') void sendAllUnsent(options, current);
  if (!current) return;
  if (event.type === 'draft-change' && draftKeyOf(event.data) === draftKeyOf(current))
    current.draftSync.takeChange(event.data);
  if (event.type === 'queue-change' && event.data.chatId === current.chatId)
    current.queue.takeChange(event.data.revision);
}
