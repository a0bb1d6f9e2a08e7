/** Tests RILL_BASE_PATH: page, API and streams work under a prefix, whether or not a proxy strips it. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attach, jsonOf, leftOpen, nothing, send } from './callServer.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

const token = 'correct-horse-battery-staple';
const bearer = { authorization: `Bearer ${token}` };
const page = `<!doctype html>
    <meta name="base-path" content="/" />
    <script type="module" crossorigin src="/assets/index-a1.js"></script>
    <link rel="icon" href="/favicon.svg" />`;

let server: TestServer;
let pageDirectory: string;
beforeAll(async () => {
  pageDirectory = await mkdtemp(join(tmpdir(), 'rill-page-'));
  await mkdir(join(pageDirectory, 'assets'));
  await writeFile(join(pageDirectory, 'index.html'), page);
  // A compressed older build of the page must not be sent in place of the page with its base path.
  await writeFile(join(pageDirectory, 'index.html.gz'), 'not this');
  await writeFile(join(pageDirectory, 'assets/index-a1.js'), 'script');
  const environment = { RILL_BASE_PATH: '/team/chat/', RILL_ACCESS_TOKEN: token };
  server = await startTestServer({ environment, pageDirectory });
});
afterAll(async () => {
  expect(await leftOpen(server)).toEqual(nothing);
  await server.close();
  await rm(pageDirectory, { recursive: true });
});

describe.each([
  ['passes the prefix on', '/team/chat'],
  ['cuts the prefix off', ''],
])('behind a proxy that %s', (_, prefix) => {
  it.each(['/', '/?x=1', '/projects/p1/chats/c1', '/index.html'])(
    'the page at %s names everything under the prefix',
    async (path) => {
      const response = await server.request('GET', prefix + path, undefined, { accept: 'text/html' });
      const text = await response.text();
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toBe('no-cache');
      expect(text).toContain('content="/team/chat/"');
      expect(text).toContain('src="/team/chat/assets/index-a1.js"');
      expect(text).toContain('href="/team/chat/favicon.svg"');
    },
  );

  it('serves files, health, the API and its description', async () => {
    const script = await server.request('GET', `${prefix}/assets/index-a1.js`);
    expect([await script.text(), script.headers.get('cache-control')]).toEqual([
      'script',
      'public, max-age=31536000, immutable',
    ]);
    for (const path of ['/api/health', '/api/ready']) {
      expect((await server.request('GET', prefix + path)).status, path).toBe(200);
    }
    expect((await server.request('GET', `${prefix}/api/projects`)).status).toBe(401);
    const openApi = await jsonOf<{ servers: unknown }>(
      server.request('GET', `${prefix}/api/openapi.json`, undefined, bearer),
    );
    expect(openApi.servers).toEqual([{ url: '/team/chat' }]);
  });

  it('limits the session cookie to the prefix, and the cookie opens streams', async () => {
    const signedIn = await server.request('POST', `${prefix}/api/session`, { token });
    const cookie = signedIn.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/; Path=\/team\/chat;/);
    const [pair = ''] = cookie.split(';');
    const headers = { cookie: pair };
    const { projects } = await jsonOf<{ projects: { id: string }[] }>(
      server.request('GET', `${prefix}/api/projects`, undefined, headers),
    );
    const chats = `${prefix}/api/projects/${projects[0]?.id}/chats`;
    const chat = await jsonOf<{ id: string }>(server.request('POST', chats, {}, headers));
    const stream = await send(server, `${chats}/${chat.id}`, { content: 'Hello' }, headers);
    expect((await stream.rest()).at(-1)?.event?.type).toBe('done');
    expect((await attach(server, `${chats}/${chat.id}`)).status).toBe(401);
    const out = await server.request('DELETE', `${prefix}/api/session`, undefined, headers);
    expect(out.headers.get('set-cookie')).toMatch(/^rill_session=;.*Path=\/team\/chat;/);
  });
});

it('serves the page at the prefix without its slash, also with a query', async () => {
  for (const path of ['/team/chat', '/team/chat?x=1']) {
    const response = await server.request('GET', path, undefined, { accept: 'text/html' });
    expect([response.status, (await response.text()).includes('/team/chat/assets/')], path).toEqual([
      200,
      true,
    ]);
  }
});

it('does not serve a path that only starts with the same letters', async () => {
  expect((await server.request('GET', '/team/chatter/api/health')).status).toBe(404);
  expect((await server.request('GET', '/team/chat/team/chat/api/health')).status).toBe(404);
});
