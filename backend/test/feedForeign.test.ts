/** Tests that plain SSE clients follow the feed over cuts, with the last event id that they keep by themselves. */
import type { IncomingMessage } from 'node:http';
import type { Chat, Project } from '@rill/protocol';
import { EventSource } from 'eventsource';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jsonOf } from './callServer.ts';
import { Changes } from './foreignBench.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

let server: TestServer;
/** Requests for the feed as the server got them, oldest first. */
let requests: IncomingMessage[];
beforeEach(async () => {
  server = await startTestServer();
  requests = [];
  server.app.server.server.on('request', (request: IncomingMessage) => {
    if (request.url?.startsWith('/api/events')) requests.push(request);
  });
});
afterEach(() => server.close());

describe('the EventSource of npm', () => {
  it('reconnects after each cut, misses no change and gets none twice', async () => {
    const changes = new Changes();
    const starts: unknown[] = [];
    const titles: string[] = [];
    const ids: string[] = [];
    const source = new EventSource(`${server.url}/api/events`);
    source.addEventListener('feed-start', ({ data, lastEventId }) => {
      starts.push(JSON.parse(data));
      ids.push(lastEventId);
      changes.notify();
    });
    source.addEventListener('chat-change', ({ data, lastEventId }) => {
      titles.push((JSON.parse(data) as { chat: Chat }).chat.title);
      ids.push(lastEventId);
      changes.notify();
    });
    await changes.until(() => starts.length === 1);
    const { projects } = await jsonOf<{ projects: Project[] }>(server.request('GET', '/api/projects'));
    const make = (title: string) =>
      server.request('POST', `/api/projects/${projects[0]?.id}/chats`, { title });
    const made: string[] = [];
    for (const round of [1, 2]) {
      made.push(`shown ${round}`, `missed ${round}`);
      await make(`shown ${round}`);
      await changes.until(() => titles.length === made.length - 1);
      requests.at(-1)?.socket.destroy();
      // A change while it waits to reconnect.
      await make(`missed ${round}`);
      await changes.until(() => starts.length === round + 1 && titles.length === made.length);
    }
    source.close();

    expect(titles).toEqual(made);
    expect(starts).toEqual([{ isWhole: false }, { isWhole: true }, { isWhole: true }]);
    expect(requests.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, ids[1], ids[4]]);
    expect(new Set(ids).size).toBe(ids.length - 2);
  });
});
