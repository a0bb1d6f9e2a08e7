import { describe, expect, it } from 'vitest';
import { formatRoute, parseRoute, type Route } from './route.ts';

describe('parseRoute', () => {
  it('reads back every route that formatRoute writes', () => {
    const routes: Route[] = [
      { name: 'home' },
      { name: 'project', projectId: '0199-a' },
      { name: 'new-chat', projectId: '0199-a' },
      { name: 'chat', projectId: '0199-a', chatId: '0199-b' },
      { name: 'usage' },
      { name: 'settings', section: null },
      { name: 'settings', section: 'shortcuts' },
    ];
    for (const route of routes) expect(parseRoute(formatRoute(route))).toEqual(route);
  });

  it('accepts a trailing slash', () => {
    expect(parseRoute('/projects/p1/chats/c1/')).toEqual({ name: 'chat', projectId: 'p1', chatId: 'c1' });
  });

  it.each(['', '/', '//', '/index.html'])('shows home for %j', (path) => {
    expect(parseRoute(path)).toEqual({ name: 'home' });
  });

  it.each([
    '/other',
    '/index.html/x',
    '/projects/p_1',
    '/projects/p1/chats/c 1',
    '/projects',
    '/projects/p1/chats',
    '/projects/p1/new/c1',
    '/projects/p1/files/c1',
    '/projects/p1/chats/c1/x',
    '/projects/%2e%2e',
    '/settings/No-such',
    '/settings/keys/x',
    '/usage/x',
    `/projects/${'p'.repeat(65)}`,
  ])('knows no page at %j, and keeps the address', (path) => {
    expect(parseRoute(path)).toEqual({ name: 'unknown', path });
    expect(formatRoute(parseRoute(path))).toBe(path);
  });
});
