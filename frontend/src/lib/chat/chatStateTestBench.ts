/** A chat with a scripted client, and the clock, frames and notices of its surroundings, for tests. */
import { expect, onTestFinished, vi } from 'vitest';
import type { ChatNotice } from './chatNotice.ts';
import { type ChatClient, ChatState } from './chatState.svelte.ts';
import { scriptedClient } from './chatTestBench.ts';
import { shownMessage } from './transcript/transcript.ts';
import { createDraftStore } from './unsent/draftStore.ts';
import { memoryUnsent } from './unsent/memoryUnsent.ts';
import { UnsentStore } from './unsent/unsentStore.svelte.ts';

export type ChatBench = ReturnType<typeof setUpChat>;

/** At the end of the test the chat is left, and no frame may be still to come. */
export function setUpChat(change: Partial<ChatClient> = {}, chatId: string | null = 'c1') {
  const unsentAtServer = memoryUnsent();
  const client = scriptedClient({ ...unsentAtServer, ...change });
  const frames = new Set<() => void>();
  const notices: ChatNotice[] = [];
  const drafts = createDraftStore(null);
  const onUnauthorized = vi.fn();
  let lastId = 0;
  const chat = new ChatState({
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
    newChatId: () => 'c1',
    unsent: new UnsentStore(null),
    onNamed: vi.fn(),
    waiting: { sendLater: vi.fn() },
    announcer: { announce: (notice) => void notices.push(notice) },
    onChatChanged: vi.fn(),
    onUnauthorized,
    ownRunId: { value: null },
    lastModel: { value: null },
    model: null,
  });
  onTestFinished(async () => {
    chat.dispose();
    await settle();
    expect(frames.size).toBe(0);
  });
  const runFrame = () => {
    for (const frame of [...frames]) {
      frames.delete(frame);
      frame();
    }
  };
  return { chat, client, unsentAtServer, frames, runFrame, notices, drafts, onUnauthorized };
}

/** The same, once it is loaded. */
export async function openChat(...parameters: Parameters<typeof setUpChat>): Promise<ChatBench> {
  const bench = setUpChat(...parameters);
  await bench.chat.load();
  return bench;
}

/** Lets everything that is ready happen. */
export const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Type and key of everything that is shown, from top to bottom. */
export const shapeOf = (chat: ChatState) => chat.items.map((item) => [item.type, item.key]);

/** Text of everything that is shown, from top to bottom. */
export const textsOf = (chat: ChatState) => chat.items.map((item) => shownMessage(item).content);

/** Where a test expects something to be there. */
export function present<Value>(value: Value | null | undefined): Value {
  if (value === null || value === undefined) throw new Error('Nothing is there.');
  return value;
}
