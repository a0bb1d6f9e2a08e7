/** The whole page with a scripted client, in a real browser, for tests. */
import type { ImportServer } from './lib/chat/imports/importState.svelte.ts';
import { workspaceTestOptions } from './lib/chat/workspaceTestBench.ts';
import './styles/index.css';
import { browserTabEnvironment, createTabState } from '@rill/client/source';
import { RillError, type Run } from '@rill/protocol';
import axe from 'axe-core';
import { expect, onTestFinished } from 'vitest';
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
import { FileUploads } from './lib/chat/files/fileUploads.svelte.ts';
import type { KeptUploads } from './lib/chat/files/keptUploads.ts';
import { Uploader, type UploaderOptions } from './lib/chat/files/uploader.ts';
import { FinishedAnswers } from './lib/chat/finished/finishedAnswers.svelte.ts';
import { UsageNews } from './lib/chat/money/usageNews.svelte.ts';
import { Router } from './lib/chat/navigation/router.svelte.ts';
import { scheduleBrowserFrame } from './lib/chat/run/flushPerFrame.ts';
import { type WorkspaceClient, WorkspaceState } from './lib/chat/workspace/workspaceState.svelte.ts';
import { EnterKey } from './lib/view/composer/enterKey.svelte.ts';
import { Keymap } from './lib/view/keyboard/keymap.svelte.ts';
import { Announcer } from './lib/view/shell/announcer.svelte.ts';
import { ShellState } from './lib/view/shell/shellState.svelte.ts';
import { ThemeState } from './lib/view/shell/theme.svelte.ts';

const noBudget = { monthlyUsd: null, spentUsd: 0, reservedUsd: 0, endsAtMs: 0 };
const providerKey = {
  source: 'environment',
  lastCharacters: '',
  hasUnusedKey: false,
  canConnect: false,
} as const;

export const paragraph = 'Tides are the long waves that the Moon and the Sun raise in the oceans. ';

/** A server that is away. */
const noServer: UploaderOptions['upload'] = async () => {
  throw new RillError('internal', { isRetryable: true });
};

/** A browser that keeps no file over a reload. */
const keepsNoUploads: KeptUploads = {
  list: () => [],
  add: () => undefined,
  forget: () => undefined,
  bytesOf: async () => null,
};

function uploadsOver(upload: UploaderOptions['upload']): FileUploads {
  let lastId = 0;
  const newId = () => `upload-${++lastId}`;
  return new FileUploads(
    (fileId) => `/api/files/${fileId}/content`,
    async (uploads) =>
      new Uploader({ uploads, upload, newId, kept: keepsNoUploads, takerOf: () => undefined }),
  );
}

/** Opens the page at `path`, until the end of the test. Its one chat, c1, has one turn: u0 and a long a0. */
export async function openApp(path: string, change: Partial<WorkspaceClient> = {}, upload = noServer) {
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
  const announcer = new Announcer();
  // Of its own: the pages of other tests are open in the same browser.
  const environment = browserTabEnvironment(`test ${Math.random()}`);
  if (!environment) throw new Error('The test runs in a browser.');
  const tab = createTabState(environment);
  const uploads = uploadsOver(upload);
  const notices = { canAsk: true, asked: 0, shown: [] as Run[] };
  const answers = new FinishedAnswers({
    tab,
    wasAsked: { value: false },
    notices: {
      canAsk: () => notices.canAsk,
      ask: async () => void notices.asked++,
      show: (run) => void notices.shown.push(run),
    },
  });
  const address = memoryHost(path);
  const usageNews = new UsageNews();
  const router = new Router(address);
  const state = new WorkspaceState(
    workspaceTestOptions({
      client,
      router,
      scheduleFrame: scheduleBrowserFrame,
      nowMs: () => Date.now(),
      newId: () => `k${++lastId}`,
      announcer,
      pageBuild: 'build-1',
      followFeed: (listener) => feed.follow(answers.hearing(usageNews.hearing(listener))),
    }),
  );
  const shell = new ShellState({ value: false });
  const parts = {
    workspace: state,
    router,
    announcer,
    shell,
    theme: new ThemeState(document.documentElement, null),
    keyClient: {
      ...client,
      getProviderKey: async () => providerKey,
      putProviderKey: async () => providerKey,
      deleteProviderKey: async () => providerKey,
      connectProvider: async () => ({ url: '/', expiresAtMs: 0 }),
      finishConnection: async () => providerKey,
    },
    money: {
      getUsage: () => Promise.reject(new Error('No test reads it.')),
      getBudget: async () => noBudget,
      putBudget: async () => noBudget,
    },
    usageNews,
    promptServer: noPrompts,
    readReceipt: async () => ({
      model: 'demo/quick',
      instructions: '',
      options: null,
      maxTokens: null,
      sent: null,
    }),
    projectFileServer: { listProjectFiles: async () => ({ files: [] }), putProjectFiles: refuse },
    importServer: noImports,
    exportServer: {
      archiveUrl: '/api/export',
      chatExportUrl: ({ format }: { readonly format: string }) => `/${format}`,
      getChat: async () => client.detail,
      readFile: refuse,
    },
    search: async () => ({ chats: [], messages: [], nextPageToken: null, isComplete: true }),
    keymap: new Keymap({ value: null }),
    enterKey: new EnterKey({ value: null }),
    answers,
    uploads,
  };
  const host = document.createElement('div');
  host.id = 'app';
  document.body.append(host);
  await render(App, { target: host, props: { parts } });
  await state.start();
  await settleLateParts();
  onTestFinished(async () => {
    state.dispose();
    answers.dispose();
    tab.dispose();
    await host.remove();
    delete document.documentElement.dataset.theme;
    await page.viewport(1280, 800);
  });
  return { client, state, keymap: parts.keymap, router, address, shell, feed, notices };
}

/** Resolves when what loads by itself right after the page is drawn. */
async function settleLateParts(): Promise<void> {
  await Promise.all([
    import('./lib/view/shell/DropGuard.svelte'),
    import('./lib/view/shell/PageNotices.svelte'),
    import('./lib/view/transcript/Suggestions.svelte'),
    import('./lib/view/sidebar/Sidebar.svelte'),
    import('./lib/view/sidebar/SidebarSheet.svelte'),
  ]);
  await new Promise((resolve) => requestAnimationFrame(resolve));
}

const refuse = () => Promise.reject(new Error('This was not expected.'));

const noPrompts = {
  listPrompts: async () => ({ prompts: [], nextPageToken: null }),
  createPrompt: refuse,
  updatePrompt: refuse,
  deletePrompt: refuse,
};

/** A server to which nothing was ever imported. */
const noImports: ImportServer = {
  listImports: async () => ({ imports: [] }),
  createImport: refuse,
  getImport: refuse,
  getImportReport: refuse,
  startImport: refuse,
  stopImport: refuse,
  deleteImport: refuse,
};

/** Sends as a user does, and resolves with the first stream that was opened. */
export async function send(client: { streams: FedStream[] }, content: string): Promise<FedStream> {
  await composer().fill(content);
  await userEvent.keyboard('{Enter}');
  await expect.poll(() => client.streams.length).toBe(1);
  const [stream] = client.streams;
  if (!stream) throw new Error('No stream was opened.');
  return stream;
}

export const composer = () => page.getByLabelText('Message', { exact: true });

/** What axe finds when every colour is the final one: a hover that fades in half-way has colours of no design. */
export const problems = async () => {
  const still = new CSSStyleSheet();
  still.replaceSync('*, ::before, ::after, ::backdrop { transition: none !important }');
  document.adoptedStyleSheets.push(still);
  const passing = document
    .getAnimations()
    .filter(({ effect }) => effect?.getTiming().iterations !== Number.POSITIVE_INFINITY);
  await Promise.allSettled(passing.map(({ finished }) => finished));
  const { violations } = await axe.run(document.body);
  document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== still);
  return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
};
