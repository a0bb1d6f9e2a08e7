import type { Chat, ChatDetail } from '@rill/protocol';
import { describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { openApp } from './appTestBench.ts';
import { exampleChat, exampleMessage, exampleProject } from './lib/chat/chatTestBench.ts';

/** Resolves when a frame has been laid out and scrolled as it is shown. */
const nextFrame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));

function detailOf(chat: Chat, messageCount: number): ChatDetail {
  const messages = Array.from({ length: messageCount }, (_, index) =>
    exampleMessage({
      id: `${chat.id}-m${index}`,
      role: index % 2 === 0 ? 'user' : 'assistant',
      parentId: index === 0 ? null : `${chat.id}-m${index - 1}`,
      content: `Message ${index} of ${chat.id}`,
    }),
  );
  return { chat, messages, siblings: {}, activeRun: null };
}

describe('a chat that is opened from the sidebar', () => {
  async function open(other: Partial<Chat>, messageCount = 2) {
    const activeLeafId = `c2-m${messageCount - 1}`;
    let second: Chat = { ...exampleChat, id: 'c2', title: 'The other', activeLeafId, ...other };
    const chats = () => [exampleChat, second];
    const reads: string[] = [];
    const marked: string[] = [];
    const app = await openApp('/projects/p1/chats/c1', {
      listChats: async () => ({ chats: chats(), nextPageToken: null }),
      getChat: async ({ chatId }) => {
        reads.push(chatId);
        return detailOf(chats().find(({ id }) => id === chatId) ?? exampleChat, messageCount);
      },
      updateChats: async ({ chatIds }) => {
        marked.push(...chatIds);
        second = { ...second, unread: null };
        app.feed.tell({ type: 'chat-change', data: { chat: second } });
        return { chatIds };
      },
    });
    const link = page.getByRole('link', { name: /^The other/ });
    await expect.element(link).toBeInTheDocument();
    reads.length = 0;
    return { ...app, reads, marked, link };
  }

  it('is read once, even when it is unread, which it is until its text is loaded', async () => {
    const { link, reads, marked } = await open({ unread: 'answer' });
    await link.click();
    await expect.element(page.getByText('Message 1 of c2')).toBeVisible();
    await expect.poll(() => marked).toEqual(['c2']);
    await nextFrame();
    expect(reads).toEqual(['c2']);
  });

  it('is read while the mouse stays on its row, and shown without being read again', async () => {
    const { link, reads } = await open({});
    await userEvent.hover(link);
    await expect.poll(() => reads).toEqual(['c2']);
    await link.click();
    await expect.element(page.getByText('Message 1 of c2')).toBeVisible();
    expect(reads).toEqual(['c2']);
  });

  it('shows its end in the first frame, and all of a long one a few frames later', async () => {
    const { link } = await open({}, 200);
    const items = () => [...document.querySelectorAll('[role="log"] [data-message-id^="c2-"]')];
    const counts: number[] = [];
    const observer = new MutationObserver(() => counts.push(items().length));
    observer.observe(document.body, { childList: true, subtree: true });
    await link.click();
    await expect.poll(() => items().length).toBe(200);
    observer.disconnect();
    expect(counts.find((count) => count > 0)).toBeLessThan(200);
    expect(items()[0]?.textContent).toContain('Message 0 of c2');
  });
});

describe('a sidebar with many chats', () => {
  it('draws all rows, and skips those out of view', async () => {
    const projects = Array.from({ length: 12 }, (_, index) => ({
      ...exampleProject,
      id: `p${index + 1}`,
      name: `Project ${index + 1}`,
    }));
    await openApp('/projects/p1/new', {
      listProjects: async () => ({ projects }),
      listChats: async ({ projectId }) => ({
        chats: Array.from({ length: 100 }, (_, index) => ({
          ...exampleChat,
          id: `${projectId}-c${index}`,
          projectId,
        })),
        nextPageToken: null,
      }),
    });
    const rows = () => [...document.querySelectorAll('.chat-row')];
    await expect.poll(() => rows().length).toBe(1200);
    await nextFrame();
    const isLaidOut = (row: Element | undefined) => row?.checkVisibility({ contentVisibilityAuto: true });
    await expect.poll(() => [isLaidOut(rows()[0]), isLaidOut(rows().at(-1))]).toEqual([true, false]);
    rows().at(-1)?.scrollIntoView();
    await expect.poll(() => isLaidOut(rows().at(-1))).toBe(true);
  });
});
