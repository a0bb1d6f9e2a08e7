import { describe, expect, it } from 'vitest';
import { memoryHost } from '../chatTestBench.ts';
import { Router } from './router.svelte.ts';

const chat = { name: 'chat', projectId: 'p1', chatId: 'c1' } as const;

describe('under a base path', () => {
  it.each([
    ['/team/chat', { name: 'home' }],
    ['/team/chat/', { name: 'home' }],
    ['/team/chat/projects/p1', { name: 'project', projectId: 'p1' }],
    ['/team/chat/projects/p1/new', { name: 'new-chat', projectId: 'p1' }],
    ['/team/chat/projects/p1/chats/c1', chat],
    ['/projects/p1/chats/c1', chat],
  ])('%s is read', (path, route) => {
    expect(new Router(memoryHost(path), '/team/chat').route).toEqual(route);
  });

  it('every address that is written begins with it', () => {
    const host = memoryHost('/team/chat');
    const router = new Router(host, '/team/chat');
    router.push(chat);
    router.replace({ name: 'new-chat', projectId: 'p1' });
    router.push({ name: 'home' });
    expect(host.paths).toEqual(['/team/chat', '/team/chat/projects/p1/new', '/team/chat/']);
    expect(router.hrefOf(chat)).toBe('/team/chat/projects/p1/chats/c1');
  });

  it('the way back leads to what was shown', () => {
    const host = memoryHost('/team/chat/projects/p1/chats/c1');
    const router = new Router(host, '/team/chat');
    router.push({ name: 'home' });
    host.back();
    expect(router.route).toEqual(chat);
  });
});
