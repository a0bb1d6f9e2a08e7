import { RillError } from '@rill/protocol';
import { describe, expect, it } from 'vitest';
import type { ChatState } from '../chatState.svelte.ts';
import { memoryHost } from '../chatTestBench.ts';
import { Router } from '../navigation/router.svelte.ts';
import { openOffline } from './offlineStart.ts';

const away = new RillError('internal', { details: { reason: 'unreachable' } });

/** What a failed start at this address shows: whether there is a chat, which one was opened, and the address then. */
function startAt(path: string, failure: RillError, lastProjectId: string | null, isChatOpen = false) {
  const router = new Router(memoryHost(path));
  const opened: (string | null)[][] = [];
  const shown = {
    current: isChatOpen ? ({} as ChatState) : null,
    open(projectId: string, chatId: string | null) {
      opened.push([projectId, chatId]);
      shown.current = {} as ChatState;
    },
  };
  const isOffline = openOffline(failure, { router, lastProject: { value: lastProjectId } }, shown);
  return { isOffline, opened, address: router.hrefOf(router.route) };
}

describe('a start without a server', () => {
  it('leaves the chat of the address open', () => {
    const started = startAt('/projects/p1/chats/c1', away, null, true);
    expect(started).toEqual({ isOffline: true, opened: [], address: '/projects/p1/chats/c1' });
  });

  it.each([
    ['/projects/p2/new', 'p2'],
    ['/projects/p2', 'p2'],
    ['/', 'p1'],
    ['/settings', 'p1'],
    ['/nowhere', 'p1'],
  ])('at %s has a new chat of project %s to write in', (path, projectId) => {
    const started = startAt(path, away, 'p1');
    expect(started).toEqual({
      isOffline: true,
      opened: [[projectId, null]],
      address: `/projects/${projectId}/new`,
    });
  });

  it('has nothing to write in where no project is known', () => {
    expect(startAt('/', away, null)).toEqual({ isOffline: false, opened: [], address: '/' });
  });

  it.each([502, 503, 504])('is also one behind a proxy that says %i', (httpStatus) => {
    expect(startAt('/', new RillError('internal', { details: { httpStatus } }), 'p1').isOffline).toBe(true);
  });

  it('is none when the server answers with an error of its own', () => {
    expect(startAt('/', new RillError('internal', { details: { httpStatus: 500 } }), 'p1').isOffline).toBe(
      false,
    );
    expect(startAt('/', new RillError('internal'), 'p1').isOffline).toBe(false);
  });
});
