import { describe, expect, it } from 'vitest';
import { composer, openApp } from './appTestBench.ts';
import { aroundChat } from './focusAroundTestBench.ts';
import { inChat, inNewChat } from './focusInChatTestBench.ts';
import { focused, row } from './focusTestBench.ts';
import { exampleChat, exampleMessage } from './lib/chat/chatTestBench.ts';

describe('the focus, after', () => {
  it.each([...inChat, ...aroundChat, ...inNewChat])(
    '$name',
    async ({ path = '/projects/p1/chats/c1', act, focus }) => {
      const app = await openApp(path);
      app.client.chats = [
        ...app.client.chats,
        { ...exampleChat, id: 'c2', title: 'Waves', updatedAtMs: 2000 },
      ];
      app.client.getChat = async ({ chatId }) => {
        const chat = app.client.chats.find(({ id }) => id === chatId) ?? exampleChat;
        const messages = [exampleMessage({ id: 'u9', role: 'user', content: 'What are waves?' })];
        return chatId === 'c1' ? app.client.detail : { chat, messages, siblings: {}, activeRun: null };
      };
      await app.state.start();
      await expect.element(row('Waves')).toBeVisible();
      await expect.element(composer()).toHaveFocus();
      await act(app);
      await expect.poll(focused).toBe(focus);
    },
  );

  it('is checked after 60 actions and more', () => {
    expect(inChat.length + aroundChat.length + inNewChat.length).toBeGreaterThanOrEqual(60);
  });
});
