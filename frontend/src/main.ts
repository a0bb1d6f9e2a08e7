/** Builds the parts of the page and hands them to each other. */
import './styles/index.css';
import {
  browserTabEnvironment,
  createRillClient,
  createTabState,
  followSharedFeed,
  shareRuns,
} from '@rill/client/source';
import { mount } from 'svelte';
import App from './App.svelte';
import { readBasePath } from './basePath.ts';
import { keepShell } from './keepShell.ts';
import { FileUploads } from './lib/chat/files/fileUploads.svelte.ts';
import { FinishedAnswers } from './lib/chat/finished/finishedAnswers.svelte.ts';
import { UsageNews } from './lib/chat/money/usageNews.svelte.ts';
import { Router } from './lib/chat/navigation/router.svelte.ts';
import { scheduleBrowserFrame } from './lib/chat/run/flushPerFrame.ts';
import { browserStorage } from './lib/chat/storage/browserStorage.ts';
import { createStoredFlag } from './lib/chat/storage/storedFlag.ts';
import { createStoredText, type StoredText } from './lib/chat/storage/storedText.ts';
import { withDraftLimit } from './lib/chat/unsent/draftLimit.ts';
import { createDraftStore } from './lib/chat/unsent/draftStore.ts';
import { UnsentStore } from './lib/chat/unsent/unsentStore.svelte.ts';
import { WorkspaceState } from './lib/chat/workspace/workspaceState.svelte.ts';
import { EnterKey } from './lib/view/composer/enterKey.svelte.ts';
import { browserNotifications, noticesAskedKey } from './lib/view/finished/browserNotifications.ts';
import { Keymap, shortcutsKey } from './lib/view/keyboard/keymap.svelte.ts';
import { Announcer } from './lib/view/shell/announcer.svelte.ts';
import type { AppParts } from './lib/view/shell/appContext.ts';
import { ShellState } from './lib/view/shell/shellState.svelte.ts';
import { ThemeState } from './lib/view/shell/theme.svelte.ts';
import { nextTask } from './nextTask.ts';

/** Not `randomUUID`, which browsers lack on plain HTTP, where self-hosted pages live. */
function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

/** A UUIDv7: its time first, so that ids made later sort later. */
function randomChatId(nowMs: number): string {
  const time = nowMs.toString(16).padStart(12, '0');
  const random = randomId();
  const variant = ((Number.parseInt(random.slice(3, 4), 16) & 3) | 8).toString(16);
  return [
    time.slice(0, 8),
    time.slice(8),
    `7${random.slice(0, 3)}`,
    variant + random.slice(4, 7),
    random.slice(7, 19),
  ].join('-');
}

/** The parts that the other parts are made of. */
function createBasis() {
  const basePath = readBasePath(document);
  const tabEnvironment = browserTabEnvironment(basePath);
  if (!tabEnvironment) throw new Error('The page runs in a browser.');
  return {
    basePath,
    tab: createTabState(tabEnvironment),
    client: createRillClient({ baseUrl: basePath }),
    storage: browserStorage('localStorage'),
    router: new Router(window, basePath),
    announcer: new Announcer(),
    usageNews: new UsageNews(),
  };
}

type Basis = ReturnType<typeof createBasis>;

function createWorkspace(
  { tab, client, storage, router, announcer, usageNews }: Basis,
  answers: FinishedAnswers,
): WorkspaceState {
  const drafts = createDraftStore(storage, randomId());
  window.addEventListener('pagehide', () => drafts.flush());
  const workspace: WorkspaceState = new WorkspaceState({
    client: {
      ...client,
      ...shareRuns({ client, tab }),
      putDraft: withDraftLimit(client.putDraft, () => workspace.modelList?.maxBodyBytes),
    },
    followFeed: (listener) => followSharedFeed({ client, tab }, answers.hearing(usageNews.hearing(listener))),
    feedStartWaitMs: 1000,
    pageBuild: document.querySelector<HTMLMetaElement>('meta[name=rill-build]')?.content ?? null,
    ownRunId: createStoredText(browserStorage('sessionStorage'), 'rill:own-run'),
    lastModel: createStoredText(storage, 'rill:last-model'),
    lastProject: createStoredText(storage, 'rill:last-project'),
    router,
    drafts,
    scheduleFrame: scheduleBrowserFrame,
    nowMs: () => Date.now(),
    newId: randomId,
    newChatId: () => randomChatId(Date.now()),
    unsent: new UnsentStore(storage),
    signInFlag: createStoredFlag(storage, 'rill:signed-in'),
    announcer,
  });
  return workspace;
}

function createUploads({ basePath, client }: Basis, keptList: StoredText): FileUploads {
  return new FileUploads(client.fileAddress, async (list) =>
    (await import('./lib/chat/files/uploader.ts')).createUploader({
      baseUrl: basePath,
      uploads: list,
      newId: randomId,
      keptList,
      projectFileServer: client,
    }),
  );
}

/** Starts the page in three tasks, none of them long: creates its parts, draws its frame, loads what its address names. */
async function startPage(target: HTMLElement): Promise<void> {
  const basis = createBasis();
  const { basePath, tab, client, storage, router, announcer, usageNews } = basis;
  const answers = new FinishedAnswers({
    tab,
    wasAsked: createStoredFlag(storage, noticesAskedKey),
    notices: browserNotifications({
      titleOf: ({ projectId, chatId }) =>
        workspace.chatsByProject[projectId]?.find(({ id }) => id === chatId)?.title ?? '',
      open: ({ projectId, chatId }) => workspace.open({ name: 'chat', projectId, chatId }),
    }),
  });
  const workspace = createWorkspace(basis, answers);
  const keptList = createStoredText(browserStorage('sessionStorage'), 'rill:uploads');
  const uploads = createUploads(basis, keptList);
  const shell = new ShellState(createStoredFlag(storage, 'rill:sidebar-closed'));
  // Reports every part that cannot be loaded later, also those that have no space for words of their own.
  window.addEventListener('vite:preloadError', () => shell.notePartFailure());

  // The server reads the chat while this page is drawn.
  workspace.prepare(router.route.name === 'chat' ? router.route : null);

  await nextTask();
  const parts: AppParts = {
    workspace,
    router,
    announcer,
    shell,
    theme: new ThemeState(document.documentElement, storage),
    search: (request) => client.search(request),
    keyClient: client,
    importServer: client,
    exportServer: client,
    money: client,
    usageNews,
    promptServer: client,
    projectFileServer: client,
    readReceipt: (runId) => client.getReceipt({ runId }),
    keymap: new Keymap(createStoredText(storage, shortcutsKey)),
    enterKey: new EnterKey(createStoredText(storage, 'rill:enter-sends')),
    answers,
    uploads,
  };
  mount(App, { target, props: { parts } });
  await nextTask();
  // Only now, so that it does not delay the first screen.
  void workspace.start().then(() => {
    if (import.meta.env.PROD) void keepShell(basePath);
    // Uploads that were in progress before a reload start again; the page itself reports a part that cannot be loaded.
    if (keptList.value !== null) uploads.work().catch(() => undefined);
  });
}

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no element with the id "app".');
// A build replaces the first condition by `false` and leaves all of it out.
if (import.meta.env.DEV && location.pathname.startsWith('/dev/states')) {
  void import('./dev/showStates.ts').then(({ showStates }) => showStates(target, location.pathname));
} else {
  void startPage(target);
}
document.getElementById('not-loaded')?.remove();
