/** Tests signing out: one session or all of them end on the server, and can read nothing more. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { leftOpen, nothing } from './callServer.ts';
import { readFeed } from './readStream.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';
import { makeFolder } from './testDatabase.ts';

const token = 'correct-horse-battery-staple';
const environment = { RILL_ACCESS_TOKEN: token };
let server: TestServer;
beforeEach(async () => {
  server = await startTestServer({ environment });
});
afterEach(async () => {
  expect(await leftOpen(server)).toEqual(nothing);
  await server.close();
});

/** Signs in and returns the session's cookie as a browser sends it back. */
async function signIn(from = server): Promise<string> {
  const response = await from.request('POST', '/api/session', { token });
  const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? '');
  return cookies.find((pair) => pair.startsWith('rill_session=')) ?? '';
}
const statusWith = async (cookie: string, from = server) =>
  (await from.request('GET', '/api/projects', undefined, { cookie })).status;
const signOut = (cookie: string, query = '') =>
  server.request('DELETE', `/api/session${query}`, undefined, { cookie });

it('ends the session: its cookie becomes invalid, and other sessions stay', async () => {
  const [mine, other] = [await signIn(), await signIn()];
  expect((await signOut(mine)).status).toBe(204);
  expect(await statusWith(mine)).toBe(401);
  expect(await statusWith(other)).toBe(200);
  expect((await signOut(mine)).status).toBe(204);
});

it('ends every session of the user when asked to, and only for a caller that is signed in', async () => {
  const [mine, other] = [await signIn(), await signIn()];
  expect((await signOut('', '?everywhere=true')).status).toBe(401);
  expect(await statusWith(other)).toBe(200);
  expect((await signOut(mine, '?everywhere=true')).status).toBe(204);
  expect([await statusWith(mine), await statusWith(other)]).toEqual([401, 401]);
  expect(await statusWith(await signIn())).toBe(200);
});

it('closes the event streams of the sessions that it ends', async () => {
  const [mine, other] = [await signIn(), await signIn()];
  const open = async (cookie: string) => {
    const feed = readFeed(await server.request('GET', '/api/events', undefined, { cookie }));
    await feed.until(() => true);
    const end = feed.rest().then(
      () => 'ended',
      () => 'cut',
    );
    return { end };
  };
  const [myFeed, otherFeed] = [await open(mine), await open(other)];
  await signOut(mine);
  expect(await myFeed.end).toBe('cut');
  expect(await statusWith(other)).toBe(200);
  await signOut(other, '?everywhere=true');
  expect(await otherFeed.end).toBe('cut');
});

it('accepts a valid cookie of the name in any order among invalid ones', async () => {
  const cookie = await signIn();
  expect(await statusWith(`rill_session=planted; ${cookie}`)).toBe(200);
  expect(await statusWith(`${cookie}; rill_session=planted`)).toBe(200);
  await signOut(`rill_session=planted; ${cookie}`);
  expect(await statusWith(cookie)).toBe(401);
});

it('preserves a session over a restart, and ends it when the access token is changed', async () => {
  const folder = await makeFolder();
  const start = (accessToken: string) =>
    startTestServer({ environment: { RILL_ACCESS_TOKEN: accessToken }, dataDirectory: folder.path });
  const first = await start(token);
  const cookie = await signIn(first);
  await first.close();
  const again = await start(token);
  expect(await statusWith(cookie, again)).toBe(200);
  await again.close();
  const changed = await start(`${token}-changed`);
  expect(await statusWith(cookie, changed)).toBe(401);
  await changed.close();
  await folder.remove();
});
