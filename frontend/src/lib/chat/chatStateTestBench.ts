/** A chat with a scripted client, and the clock, frames and notices of its surroundings, for tests. */
import { vi } from 'vitest';
import type { ChatNotice } from './chatNotice.ts';
import { type ChatClient, type ChatState, createChatState } from './chatState.svelte.ts';
import { scriptedClient } from './chatTestBench.ts';
import { createDraftStore } from './draftStore.ts';

export type ChatBench = ReturnType<typeof setUpChat>;

export function setUpChat(change: Partial<ChatClient> = {}, chatId: string | null = 'c1') {
  const client = scriptedClient(change);
  const frames = new Set<() => void>();
  const notices: ChatNotice[] = [];
  const drafts = createDraftStore(null);
  const onUnauthorized = vi.fn();
  let lastId = 0;
  const chat = createChatState({
    client,
    projectId: 'p1',
    chatId,
    drafts,
    scheduleFrame: (callback) => {
      frames.add(callback);
      return () => frames.delete(callback);
    },
    nowMs: () => 5000,
    newId: () => `k${++lastId}`,
    onNotice: (notice) => notices.push(notice),
    onChatChanged: vi.fn(),
    onUnauthorized,
    ownRunId: { value: null },
  });
  const runFrame = () => {
    for (const frame of [...frames]) {
      frames.delete(frame);
      frame();
    }
  };
  return { chat, client, frames, runFrame, notices, drafts, onUnauthorized };
}

/** Lets everything that is ready happen. */
export const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Type and key of everything that is shown, from top to bottom. */
export const shapeOf = (chat: ChatState) => chat.items.map((item) => [item.type, item.key]);

/** Text of everything that is shown, from top to bottom. */
export const textsOf = (chat: ChatState) =>
  chat.items.map((item) => (item.type === 'watched' ? item.live.view.content : item.message.content));

/** Where a test expects something to be there. */
export function present<Value>(value: Value | null | undefined): Value {
  if (value === null || value === undefined) throw new Error('Nothing is there.');
  return value;
}
