import { afterEach, describe, expect, it, vi } from 'vitest';
import { exampleModel, exampleProject, memoryHost, scriptedWorkspaceClient } from '../chatTestBench.ts';
import { Router } from '../navigation/router.svelte.ts';
import { type WorkspaceClient, WorkspaceState } from '../workspace/workspaceState.svelte.ts';
import { workspaceTestOptions } from '../workspaceTestBench.ts';
import type { StoredText } from './storedText.ts';

describe('the model that was chosen last', () => {
  let workspace: WorkspaceState | null = null;

  function setUp(path: string, change: Partial<WorkspaceClient> = {}) {
    const client = scriptedWorkspaceClient(change);
    const lastModel: StoredText = { value: null };
    const state = new WorkspaceState(
      workspaceTestOptions({ client, router: new Router(memoryHost(path)), lastModel }),
    );
    workspace = state;
    return { client, lastModel, state };
  }

  afterEach(() => workspace?.dispose());

  it('begins a new chat with the model that was chosen last', async () => {
    const { client, lastModel, state } = setUp('/projects/p1/chats/c1', {
      listModels: async () => ({
        models: ['a/one', 'a/two'].map((id) => ({ ...exampleModel, id })),
        defaultModel: 'a/one',
        isDemo: false,
        maxBodyBytes: 1_000_000,
      }),
    });
    await state.start();
    state.newChat();
    expect(state.currentModelId).toBe('a/one');
    await state.current?.selectModel('a/two');
    expect(lastModel.value).toBe('a/two');
    state.open({ name: 'chat', projectId: 'p1', chatId: 'c1' });
    await vi.waitFor(() => expect(state.current?.loading).toBe('ready'));
    expect(state.currentModelId).toBe('a/one');
    state.newChat();
    expect(state.currentModelId).toBe('a/two');
    void state.current?.send('Why?');
    await vi.waitFor(() => expect(client.sent).toMatchObject([{ model: 'a/two' }]));
  });

  it.each([
    ['a model that is no longer listed', 'gone', null],
    ['another than its project says', 'demo/quick', 'a/of-project'],
  ])('begins no new chat with %s', async (_name, last, defaultModel) => {
    const { client, lastModel, state } = setUp('/projects/p1/new');
    client.projects = [{ ...exampleProject, defaultModel }];
    lastModel.value = last;
    await state.start();
    state.newChat('p1');
    expect(state.currentModelId).toBe(defaultModel ?? 'demo/quick');
  });
});
