import { RillError } from '@rill/protocol';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { exampleChat, memoryHost, scriptedWorkspaceClient } from '../chatTestBench.ts';
import { Router } from '../navigation/router.svelte.ts';
import { workspaceTestOptions } from '../workspaceTestBench.ts';
import { type WorkspaceClient, WorkspaceState } from './workspaceState.svelte.ts';

describe('A chat that is begun', () => {
  let workspace: WorkspaceState | null = null;

  function setUp(path: string, change: Partial<WorkspaceClient> = {}) {
    const host = memoryHost(path);
    const client = scriptedWorkspaceClient(change);
    workspace = new WorkspaceState(workspaceTestOptions({ client, router: new Router(host) }));
    return { host, state: workspace };
  }

  afterEach(() => workspace?.dispose());

  it('opens a new chat that is requested while the lists are being read, in place of the newest one', async () => {
    const { host, state } = setUp('/');
    const started = state.start();
    state.newChat();
    await started;
    expect(host.paths).toEqual(['/', '/projects/p1/new']);
    expect(state.current?.chatId).toBeNull();
  });

  it('opens a new chat of the project of an addressed chat before the lists are loaded', async () => {
    const { host, state } = setUp('/projects/p1/chats/c1');
    const started = state.start();
    state.newChat();
    expect(host.paths.at(-1)).toBe('/projects/p1/new');
    await started;
    expect(state.current?.chatId).toBeNull();
  });

  it('holds written text from the request for a temporary chat until it exists', async () => {
    const making = Promise.withResolvers<typeof exampleChat>();
    const { host, state } = setUp('/projects/p1/new', { createChat: () => making.promise });
    await state.start();
    expect(state.isLeaving).toBe(false);
    const begun = state.newTemporaryChat();
    void state.newTemporaryChat();
    expect(state.isLeaving).toBe(true);
    making.resolve({ ...exampleChat, id: 'c9', isTemporary: true });
    await begun;
    expect(host.paths.at(-1)).toBe('/projects/p1/chats/c9');
    await vi.waitFor(() => expect(state.isLeaving).toBe(false));
    expect(state.current?.chatId).toBe('c9');
  });

  it('leaves the chat in view as it was when a temporary one cannot be made', async () => {
    const { state } = setUp('/projects/p1/new', {
      createChat: async () => {
        throw new RillError('internal');
      },
    });
    await state.start();
    await state.newTemporaryChat();
    expect(state.isLeaving).toBe(false);
    expect(state.current?.chatId).toBeNull();
    expect(state.problem).toBe('Something went wrong on the server.');
  });
});
