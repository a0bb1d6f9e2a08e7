/** The whole page with a scripted client, in a real browser, for tests. */
import './styles/index.css';
import axe from 'axe-core';
import { expect } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import App from './App.svelte';
import {
  exampleChat,
  exampleMessage,
  type FedStream,
  fedFeed,
  memoryHost,
  scriptedWorkspaceClient,
} from './lib/chat/chatTestBench.ts';
import { createDraftStore } from './lib/chat/draftStore.ts';
import { scheduleBrowserFrame } from './lib/chat/flushPerFrame.ts';
import { createRouter } from './lib/chat/router.svelte.ts';
import { createWorkspaceState, type WorkspaceClient } from './lib/chat/workspaceState.svelte.ts';
import { createAnnouncer } from './lib/view/announcer.svelte.ts';
import { createShellState } from './lib/view/shell.svelte.ts';
import { createThemeState } from './lib/view/theme.svelte.ts';

export const paragraph = 'Tides are the long waves that the Moon and the Sun raise in the oceans. ';

/** Opens the page at `path`. Its one chat, c1, has one turn: u0 and a long a0. */
export async function openApp(path: string, change: Partial<WorkspaceClient> = {}) {
  const client = scriptedWorkspaceClient(change);
  const chat = { ...exampleChat, updatedAtMs: Date.now() };
  client.chats = [chat];
  client.detail = {
    ...client.detail,
    chat,
    messages: [
      exampleMessage({ id: 'u0', role: 'user', content: 'What are tides?' }),
      exampleMessage({
        id: 'a0',
        role: 'assistant',
        parentId: 'u0',
        content: paragraph.repeat(60),
        model: 'demo/quick',
      }),
    ],
  };
  let lastId = 0;
  const feed = fedFeed();
  const announcer = createAnnouncer();
  const state = createWorkspaceState({
    client,
    router: createRouter(memoryHost(path)),
    drafts: createDraftStore(null),
    scheduleFrame: scheduleBrowserFrame,
    nowMs: () => Date.now(),
    newId: () => `k${++lastId}`,
    onNotice: (notice) => announcer.announce(notice),
    signInFlag: { value: false },
    ownRunId: { value: null },
    followFeed: feed.follow,
  });
  const shell = createShellState({ value: false });
  const parts = {
    workspace: state,
    announcer,
    shell,
    theme: createThemeState(document.documentElement, null),
  };
  const host = document.createElement('div');
  host.id = 'app';
  document.body.append(host);
  await render(App, { target: host, props: { parts } });
  await state.start();
  const close = async () => {
    state.dispose();
    host.remove();
    delete document.documentElement.dataset.theme;
    await page.viewport(1280, 800);
  };
  return { client, state, shell, close };
}

/** Sends as a person does, and resolves with the first stream that was opened. */
export async function send(client: { streams: FedStream[] }, content: string): Promise<FedStream> {
  await composer().fill(content);
  await userEvent.keyboard('{Enter}');
  await expect.poll(() => client.streams.length).toBe(1);
  const [stream] = client.streams;
  if (!stream) throw new Error('No stream was opened.');
  return stream;
}

export const composer = () => page.getByLabelText('Message', { exact: true });

/** What axe finds once nothing fades in any more; a pulse that never ends is not waited for. */
export const problems = async () => {
  const passing = document
    .getAnimations()
    .filter(({ effect }) => effect?.getTiming().iterations !== Number.POSITIVE_INFINITY);
  await Promise.allSettled(passing.map(({ finished }) => finished));
  const { violations } = await axe.run(document.body);
  return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
};
