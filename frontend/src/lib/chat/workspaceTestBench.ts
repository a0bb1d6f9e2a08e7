/** Options of a workspace for tests: an address bar without a browser, and nothing that outlives the test. */
import { vi } from 'vitest';
import { fedFeed, memoryHost } from './chatTestBench.ts';
import { Router } from './navigation/router.svelte.ts';
import { createDraftStore } from './unsent/draftStore.ts';
import { UnsentStore } from './unsent/unsentStore.svelte.ts';
import type { WorkspaceStateOptions } from './workspace/workspaceOptions.ts';

type Change = Partial<WorkspaceStateOptions> & Pick<WorkspaceStateOptions, 'client'>;

export function workspaceTestOptions(change: Change): WorkspaceStateOptions {
  return {
    router: new Router(memoryHost()),
    drafts: createDraftStore(null),
    scheduleFrame: () => () => undefined,
    nowMs: () => 5000,
    newId: () => 'k1',
    newChatId: () => 'c1',
    unsent: new UnsentStore(null),
    announcer: { announce: vi.fn() },
    signInFlag: { value: false },
    ownRunId: { value: null },
    lastModel: { value: null },
    lastProject: { value: null },
    pageBuild: null,
    followFeed: fedFeed().follow,
    feedStartWaitMs: 0,
    ...change,
  };
}
