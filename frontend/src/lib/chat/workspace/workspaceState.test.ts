import { RillError } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  chatChange,
  exampleChat,
  exampleMessage,
  exampleProject,
  fedFeed,
  mayHaveMissed,
  memoryHost,
  runStart,
  scriptedWorkspaceClient,
} from '../chatTestBench.ts';
import { Router } from '../navigation/router.svelte.ts';
import { workspaceTestOptions } from '../workspaceTestBench.ts';
import { type WorkspaceClient, WorkspaceState } from './workspaceState.svelte.ts';

describe('WorkspaceState', () => {
  let workspace: WorkspaceState | null = null;

  function setUp(path = '/', change: Partial<WorkspaceClient> = {}) {
    const client = scriptedWorkspaceClient(change);
    const host = memoryHost(path);
    const feed = fedFeed();
    const state = new WorkspaceState(
      workspaceTestOptions({
        client,
        router: new Router(host),
        pageBuild: 'build-1',
        followFeed: feed.follow,
      }),
    );
    workspace = state;
    return { client, feed, host, state };
  }

  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    workspace?.dispose();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('opens the newest chat when nothing is addressed', async () => {
    const { client, host, state } = setUp();
    client.chats = [exampleChat, { ...exampleChat, id: 'c2', updatedAtMs: 2000 }];
    await state.start();
    expect(state.current?.chatId).toBe('c2');
    expect(host.paths).toEqual(['/projects/p1/chats/c2']);
  });

  it('opens an empty chat of the first project when there are no chats', async () => {
    const { client, host, state } = setUp();
    client.chats = [];
    await state.start();
    expect(state.current).toMatchObject({ projectId: 'p1', chatId: null });
    expect(host.paths).toEqual(['/projects/p1/new']);
  });

  it('opens the addressed chat without waiting for the lists', () => {
    const { state } = setUp('/projects/p1/chats/c1', { listProjects: () => new Promise(() => undefined) });
    void state.start();
    expect(state.current?.chatId).toBe('c1');
  });

  it('goes back to the previous chat', async () => {
    const { host, state } = setUp('/projects/p1/chats/c1');
    await state.start();
    state.newChat();
    expect(state.current?.chatId).toBeNull();
    host.back();
    expect(state.current?.chatId).toBe('c1');
  });

  it('gives a new chat its address without a second entry in the history', async () => {
    const { host, state } = setUp('/projects/p1/new');
    await state.start();
    const opened = state.current;
    void opened?.send('Why?');
    await vi.advanceTimersByTimeAsync(0);
    expect(host.paths).toEqual(['/projects/p1/chats/c1']);
    expect(state.current).toBe(opened);
  });

  it('requires a sign-in, and starts once it is done', async () => {
    const listProjects = vi
      .fn<WorkspaceClient['listProjects']>()
      .mockRejectedValueOnce(new RillError('unauthorized'));
    listProjects.mockResolvedValue({ projects: [exampleProject] });
    const { state } = setUp('/', { listProjects });
    await state.start();
    expect(state.access).toBe('signed-out');
    await state.signIn('secret');
    expect(state.access).toBe('ready');
    expect(state.isSignedIn).toBe(true);
  });

  it('says why the first load failed, and tries again when asked', async () => {
    const listProjects = vi
      .fn<WorkspaceClient['listProjects']>()
      .mockRejectedValueOnce(new RillError('internal'));
    listProjects.mockResolvedValue({ projects: [exampleProject] });
    const { state } = setUp('/', { listProjects });
    await state.start();
    expect(state.access).toEqual({ unreachable: 'Something went wrong on the server.' });
    await state.start();
    expect(state.access).toBe('ready');
  });

  it('that could not be reached starts by itself when the server is back', async () => {
    const listProjects = vi
      .fn<WorkspaceClient['listProjects']>()
      .mockRejectedValueOnce(new RillError('internal'));
    listProjects.mockResolvedValue({ projects: [exampleProject] });
    const { feed, state } = setUp('/', { listProjects });
    await state.start();
    feed.tell(mayHaveMissed);
    await vi.advanceTimersByTimeAsync(0);
    expect(state.access).toBe('ready');
  });

  it('keeps saying that a chat does not exist, whatever the feed makes it read', async () => {
    const { feed, state } = setUp('/projects/p1/chats/gone', {
      getChat: () => Promise.reject(new RillError('not_found')),
    });
    await state.start();
    feed.tell(mayHaveMissed);
    await vi.advanceTimersByTimeAsync(0);
    feed.tell(mayHaveMissed);
    await vi.advanceTimersByTimeAsync(0);
    expect(state.current?.loading).toBe('missing');
    state.newChat();
    expect(state.current).toMatchObject({ projectId: 'p1', chatId: null });
  });

  it.each([
    { path: '/projects/gone', missing: 'project' },
    { path: '/nowhere', missing: 'address' },
    { path: '/projects/p1/chats/c%201', missing: 'address' },
  ])('says that $path does not exist, and leads on', async ({ path, missing }) => {
    const { host, state } = setUp(path);
    await state.start();
    expect(state.missing).toBe(missing);
    expect(state.current).toBeNull();
    expect(host.paths).toEqual([path]);
    state.open({ name: 'home' });
    expect(state.missing).toBeNull();
    expect(state.current?.chatId).toBe('c1');
  });

  it('leads from a chat of an unknown project to one that is there', async () => {
    const { state } = setUp('/projects/gone/chats/c1', {
      getChat: () => Promise.reject(new RillError('not_found')),
    });
    await state.start();
    state.newChat();
    expect(state.current?.projectId).toBe('p1');
  });

  it('works without the list of models', async () => {
    const { state } = setUp('/', { listModels: () => Promise.reject(new RillError('provider_unavailable')) });
    await state.start();
    expect(state.access).toBe('ready');
    expect(state.currentModel).toBeNull();
  });

  it('names the model of the chat, else of the project, else of the server', async () => {
    const { client, state } = setUp('/projects/p1/new');
    await state.start();
    expect(state.currentModelId).toBe('demo/quick');
    client.projects = [{ ...exampleProject, defaultModel: 'demo/long' }];
    await state.start();
    expect(state.currentModelId).toBe('demo/long');
    await state.current?.selectModel('demo/thinker');
    expect(state.currentModelId).toBe('demo/thinker');
  });

  it('reads the models again when another key is in use', async () => {
    let defaultModel = 'demo/quick';
    const { state, feed } = setUp('/projects/p1/new', {
      listModels: async () => ({ models: [], defaultModel, isDemo: false }),
    });
    await state.start();
    expect(state.currentModelId).toBe('demo/quick');
    defaultModel = 'other/model';
    feed.tell({ type: 'models-change', data: { isDemo: false } });
    await vi.waitFor(() => expect(state.currentModelId).toBe('other/model'));
  });

  it('shows an empty chat in place of a deleted one', async () => {
    const { state } = setUp('/projects/p1/chats/c1');
    await state.start();
    await state.deleteChat(exampleChat);
    expect(state.chatsByProject.p1).toEqual([]);
    expect(state.current?.chatId).toBeNull();
  });

  it('keeps a chat that could not be deleted and reports it', async () => {
    const { state } = setUp('/projects/p1/chats/c1', {
      deleteChat: () => Promise.reject(new RillError('internal')),
    });
    await state.start();
    await state.deleteChat(exampleChat);
    expect(state.chatsByProject.p1).toHaveLength(1);
    expect(state.problem).toBe('Something went wrong on the server.');
  });

  it('opens a new project at once and leaves a deleted one', async () => {
    const { host, state } = setUp();
    await state.start();
    await state.projectActs.create('Work');
    expect(state.projects.map((project) => project.name)).toEqual(['Personal', 'Work']);
    expect(host.paths.at(-1)).toBe('/projects/p2/new');
    await state.projectActs.delete('p2');
    expect(state.current?.chatId).toBe('c1');
  });

  it('shows which chats run out of sight, and the name of each, as the feed reports', async () => {
    const { feed, state } = setUp('/projects/p1/new');
    await state.start();
    feed.tell(chatChange({ activeRunId: 'r1' }));
    expect(state.chatsByProject.p1).toEqual([{ ...exampleChat, activeRunId: 'r1' }]);
    feed.tell(chatChange({ title: 'Ebb and flow' }));
    feed.tell(chatChange({ id: 'c2', title: 'Made elsewhere' }));
    expect(state.chatsByProject.p1?.map(({ title }) => title)).toEqual(['Made elsewhere', 'Ebb and flow']);
    feed.tell({ type: 'chat-delete', data: { projectId: 'p1', chatId: 'c1' } });
    expect(state.chatsByProject.p1?.map(({ id }) => id)).toEqual(['c2']);
  });

  it('shows projects that were made, renamed and deleted elsewhere', async () => {
    const { feed, state } = setUp('/projects/p1/new');
    await state.start();
    feed.tell({ type: 'project-change', data: { project: { ...exampleProject, id: 'p2', name: 'Work' } } });
    feed.tell(chatChange({ id: 'c9', projectId: 'p2' }));
    feed.tell({ type: 'project-change', data: { project: { ...exampleProject, name: 'Home' } } });
    expect(state.projects.map(({ name }) => name)).toEqual(['Home', 'Work']);
    expect(state.chatsByProject.p2?.map(({ id }) => id)).toEqual(['c9']);
    feed.tell({ type: 'project-delete', data: { projectId: 'p2' } });
    expect(Object.keys(state.chatsByProject)).toEqual(['p1']);
  });

  it('does not undo changes of the feed that arrived while the lists were being read', async () => {
    const lists = Promise.withResolvers<Awaited<ReturnType<WorkspaceClient['listChats']>>>();
    const { feed, state } = setUp('/projects/p1/new', { listChats: () => lists.promise });
    const started = state.start();
    await vi.advanceTimersByTimeAsync(0);
    feed.tell(chatChange({ title: 'Ebb and flow' }));
    lists.resolve({ chats: [exampleChat], nextPageToken: null });
    await started;
    expect(state.chatsByProject.p1?.map(({ title }) => title)).toEqual(['Ebb and flow']);
  });

  it('reads lists and chat again when it may have missed something', async () => {
    const { client, feed, state } = setUp('/projects/p1/chats/c1');
    await state.start();
    client.chats = [{ ...exampleChat, title: 'Ebb and flow' }];
    client.detail = { ...client.detail, chat: { ...exampleChat, title: 'Ebb and flow' } };
    feed.tell({ type: 'feed-start', data: { isWhole: true } });
    await vi.advanceTimersByTimeAsync(0);
    expect(state.current?.chat?.title).toBe('Tides');
    feed.tell(mayHaveMissed);
    await vi.advanceTimersByTimeAsync(0);
    expect(state.current?.chat?.title).toBe('Ebb and flow');
    expect(state.chatsByProject.p1?.map(({ title }) => title)).toEqual(['Ebb and flow']);
  });

  it('reads the shown chat again after the first event only if the lists show that it changed meanwhile', async () => {
    const { client, feed, state } = setUp('/projects/p1/chats/c1');
    const getChat = vi.spyOn(client, 'getChat');
    await state.start();
    feed.tell(mayHaveMissed);
    await vi.advanceTimersByTimeAsync(0);
    expect(getChat).toHaveBeenCalledTimes(1);
    state.dispose();
    const changed = setUp('/projects/p1/chats/c1');
    await changed.state.start();
    const chat = { ...exampleChat, activeLeafId: 'a9', updatedAtMs: 2000 };
    changed.client.chats = [chat];
    changed.client.detail = { ...changed.client.detail, chat };
    changed.feed.tell(mayHaveMissed);
    await vi.advanceTimersByTimeAsync(0);
    expect(changed.state.current?.chat?.activeLeafId).toBe('a9');
    changed.state.dispose();
  });

  it('reports that missed changes could not be read, and keeps what is shown', async () => {
    const { client, feed, state } = setUp('/projects/p1/chats/c1');
    await state.start();
    client.listChats = () => Promise.reject(new RillError('internal'));
    feed.tell(mayHaveMissed);
    await vi.advanceTimersByTimeAsync(0);
    expect(state.access).toBe('ready');
    expect(state.problem).toBe('Something went wrong on the server.');
    expect(state.chatsByProject.p1).toEqual([exampleChat]);
  });

  it('reports when the shown chat, or its project, was deleted elsewhere', async () => {
    const { feed, state } = setUp('/projects/p1/chats/c1');
    await state.start();
    feed.tell({ type: 'chat-delete', data: { projectId: 'p1', chatId: 'c9' } });
    expect(state.current?.loading).toBe('ready');
    feed.tell({ type: 'chat-delete', data: { projectId: 'p1', chatId: 'c1' } });
    expect(state.current?.loading).toBe('missing');
    state.newChat('p1');
    feed.tell({ type: 'project-delete', data: { projectId: 'p1' } });
    expect(state.current?.loading).toBe('missing');
  });

  it('does not say so of a chat that is being deleted here', async () => {
    const deleted = Promise.withResolvers<undefined>();
    const { feed, state } = setUp('/projects/p1/chats/c1', { deleteChat: () => deleted.promise });
    await state.start();
    const deleting = state.deleteChat(exampleChat);
    feed.tell({ type: 'chat-delete', data: { projectId: 'p1', chatId: 'c1' } });
    expect(state.current?.loading).toBe('ready');
    deleted.resolve(undefined);
    await deleting;
    expect(state.current).toMatchObject({ chatId: null, loading: 'ready' });
  });

  it('follows the feed until it is disposed', async () => {
    const { feed, state } = setUp('/projects/p1/new');
    await state.start();
    expect(feed.isFollowed).toBe(true);
    state.dispose();
    expect(feed.isFollowed).toBe(false);
  });

  it('requires a sign-in, and follows nothing, when the feed is refused without a session', async () => {
    const { feed, state } = setUp('/projects/p1/new');
    await state.start();
    feed.refuse(new RillError('unauthorized'));
    expect(state.access).toBe('signed-out');
    expect(feed.isFollowed).toBe(false);
    await state.signIn('secret');
    expect(feed.isFollowed).toBe(true);
  });

  it('shows the answer that ended behind the sign-in page', async () => {
    const { client, state } = setUp('/projects/p1/chats/c1');
    await state.start();
    const chat = state.current;
    void chat?.send('Why?');
    await vi.advanceTimersByTimeAsync(0);
    client.streams[0]?.feed(runStart('Why?'));
    await vi.advanceTimersByTimeAsync(0);
    client.streams[0]?.fail(new RillError('unauthorized'));
    await vi.advanceTimersByTimeAsync(0);
    expect(state.access).toBe('signed-out');
    expect(chat?.messages.at(-1)?.status).toBe('interrupted');
    const user = exampleMessage({ id: 'u1', role: 'user', content: 'Why?' });
    const answer = exampleMessage({ id: 'a1', role: 'assistant', parentId: 'u1', content: 'Because.' });
    client.detail = { ...client.detail, messages: [user, answer] };
    await state.signIn('secret');
    expect(state.current).toBe(chat);
    await vi.advanceTimersByTimeAsync(0);
    expect(chat?.messages.at(-1)).toEqual(answer);
  });

  it('shows and watches nothing after a sign-out', async () => {
    const { client, feed, state } = setUp('/projects/p1/chats/c1');
    client.chats = [exampleChat, { ...exampleChat, id: 'c2', activeRunId: 'r2' }];
    await state.start();
    void state.current?.send('Why?');
    await vi.advanceTimersByTimeAsync(0);
    await state.signOut();
    expect(state.access).toBe('signed-out');
    expect(state.current).toBeNull();
    expect(client.sent[0]?.signal?.aborted).toBe(true);
    expect(feed.isFollowed).toBe(false);
    await state.signIn('secret');
    expect(state.current?.chatId).toBe('c1');
    // What was on its way is on its way again.
    await vi.advanceTimersByTimeAsync(0);
    expect(state.current?.pending?.content).toBe('Why?');
    expect(new Set(client.sent.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
    state.dispose();
  });
});
