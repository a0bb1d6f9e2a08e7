/** Tabs of one browser over a server that can be away, for tests of messages that could not be sent. */

import { RillError } from '@rill/protocol';
import { expect, vi } from 'vitest';
import { exampleChat, fedFeed, memoryHost, scriptedWorkspaceClient } from '../chatTestBench.ts';
import { memoryStorage } from '../memoryStorage.ts';
import { Router } from '../navigation/router.svelte.ts';
import { WorkspaceState } from '../workspace/workspaceState.svelte.ts';
import { workspaceTestOptions } from '../workspaceTestBench.ts';
import { createDraftStore } from './draftStore.ts';
import { UnsentStore } from './unsentStore.svelte.ts';

const unreachable = new RillError('internal', {
  message: 'The server cannot be reached.',
  isRetryable: true,
  details: { reason: 'unreachable' },
});

/** Call with fake timers. The server has the chats `made`, and refuses a send with `refusal` while it is not up. */
export function setUpTabs(made: string[] = []) {
  const storage = memoryStorage();
  const server: { isUp: boolean; refusal: RillError; made: string[] } = {
    isUp: true,
    refusal: unreachable,
    made,
  };
  const tabs: WorkspaceState[] = [];

  async function openTab(path = '/projects/p1/new') {
    const feed = fedFeed();
    const host = memoryHost(path);
    const client = scriptedWorkspaceClient();
    const { sendMessageStream } = client;
    client.chats = made.map((id) => ({ ...exampleChat, id }));
    client.sendMessageStream = (request) => {
      if (!server.isUp) return refused(server.refusal);
      if (request.createChat) server.made.push(request.chatId);
      return sendMessageStream(request);
    };
    client.getChat = async ({ chatId }) => {
      if (!server.made.includes(chatId)) throw new RillError('not_found');
      return { ...client.detail, chat: { ...exampleChat, id: chatId } };
    };
    let lastId = 0;
    const name = `tab${tabs.length}`;
    const state = new WorkspaceState(
      workspaceTestOptions({
        client,
        router: new Router(host),
        drafts: createDraftStore(storage, name),
        unsent: new UnsentStore(storage),
        newId: () => `${name}-key${++lastId}`,
        newChatId: () => `${name}-chat${++lastId}`,
        followFeed: feed.follow,
      }),
    );
    tabs.push(state);
    await state.start();
    return { state, feed, host, client };
  }

  const closeTabs = () => {
    for (const tab of tabs.splice(0)) tab.dispose();
  };
  const close = () => {
    closeTabs();
    expect(vi.getTimerCount()).toBe(0);
  };
  return { storage, server, openTab, closeTabs, close };
}

async function* refused(refusal: RillError): AsyncGenerator<never, void, undefined> {
  yield* [];
  throw refusal;
}

/** Lets everything that is ready happen. */
export const pass = () => vi.advanceTimersByTimeAsync(0);
