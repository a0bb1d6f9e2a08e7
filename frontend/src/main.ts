/** Builds the parts of the page and hands them to each other. */
import './styles/index.css';
import {
  browserTabEnvironment,
  createRillClient,
  createTabState,
  followSharedFeed,
  shareRuns,
} from '@rill/client';
import { mount } from 'svelte';
import App from './App.svelte';
import { browserStorage } from './lib/chat/browserStorage.ts';
import { createDraftStore } from './lib/chat/draftStore.ts';
import { scheduleBrowserFrame } from './lib/chat/flushPerFrame.ts';
import { createRouter } from './lib/chat/router.svelte.ts';
import { createStoredFlag } from './lib/chat/storedFlag.ts';
import { createStoredText } from './lib/chat/storedText.ts';
import { createWorkspaceState } from './lib/chat/workspaceState.svelte.ts';
import { createAnnouncer } from './lib/view/announcer.svelte.ts';
import { createShellState } from './lib/view/shell.svelte.ts';
import { createThemeState } from './lib/view/theme.svelte.ts';

/** Not `randomUUID`, which browsers lack on plain HTTP, where self-hosted pages live. */
function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

function startPage(target: HTMLElement): void {
  const tabEnvironment = browserTabEnvironment();
  if (!tabEnvironment) throw new Error('The page runs in a browser.');
  const tab = createTabState(tabEnvironment);
  const client = createRillClient({ baseUrl: '' });
  const storage = browserStorage('localStorage');
  const drafts = createDraftStore(storage);
  const announcer = createAnnouncer();
  const workspace = createWorkspaceState({
    client: { ...client, ...shareRuns({ client, tab }) },
    followFeed: (listener) => followSharedFeed({ client, tab }, listener),
    ownRunId: createStoredText(browserStorage('sessionStorage'), 'rill:own-run'),
    router: createRouter(window),
    drafts,
    scheduleFrame: scheduleBrowserFrame,
    nowMs: () => Date.now(),
    newId: randomId,
    signInFlag: createStoredFlag(storage, 'rill:signed-in'),
    onNotice: (notice) => announcer.announce(notice),
  });
  window.addEventListener('pagehide', () => drafts.flush());

  mount(App, {
    target,
    props: {
      parts: {
        workspace,
        announcer,
        shell: createShellState(createStoredFlag(storage, 'rill:sidebar-closed')),
        theme: createThemeState(document.documentElement, storage),
      },
    },
  });
  void workspace.start();
}

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no element with the id "app".');
// A build replaces the first condition by `false` and leaves all of it out.
if (import.meta.env.DEV && location.pathname.startsWith('/dev/states')) {
  void import('./dev/showStates.ts').then(({ showStates }) => showStates(target, location.pathname));
} else {
  startPage(target);
}
