/** Tests the server with an access token: who is let in, how, and how often a client may guess. */
import { afterEach, describe, expect, it } from 'vitest';
import { attach, failureOf, leftOpen, nothing } from './callServer.ts';
import { askRaw } from './rawRequest.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

const token = 'correct-horse-battery-staple';
const bearer = (given: string) => ({ authorization: `Bearer ${given}` });

let server: TestServer;
const start = async () => {
  server = await startTestServer({ environment: { RILL_ACCESS_TOKEN: token } });
};
afterEach(async () => {
  expect(await leftOpen(server)).toEqual(nothing);
  await server.close();
});

const statusOf = async (path: string, headers: Record<string, string> = {}) =>
  (await server.request('GET', path, undefined, headers)).status;
const signIn = (given: string, headers: Record<string, string> = {}) =>
  server.request('POST', '/api/session', { token: given }, headers);
const cookieOf = (response: Response) =>
  response.headers.getSetCookie().find((cookie) => cookie.startsWith('rill_session=')) ?? '';
/** Signs in and returns the cookie as a browser sends it back. */
const sessionPair = async () => cookieOf(await signIn(token)).split(';')[0] ?? '';

describe('the API with an access token', () => {
  it('refuses every request without the token', async () => {
    await start();
    const protectedPaths = [
      '/api/projects',
      '/api/projects/x/chats/y/messages/stream',
      '/api/models',
      '/api/search?q=word',
      '/api/events',
      '/api/runs/x',
      '/api/openapi.json',
      '/api/unknown',
    ];
    for (const path of protectedPaths) {
      const failure = await failureOf(server.request('GET', path));
      expect(failure, path).toMatchObject({ status: 401, code: 'unauthorized' });
    }
    const sent = server.request('POST', '/api/projects/x/chats/y/messages/stream', { content: 'Hi' });
    expect(await failureOf(sent)).toMatchObject({ status: 401, code: 'unauthorized' });
    expect((await attach(server, '/api/projects/x/chats/y', 'x.1.0.0')).status).toBe(401);
  });

  it('cannot be entered by another spelling of a path', async () => {
    await start();
    const spellings = [
      '/%61pi/projects',
      '/ap%69/projects',
      '/api%2Fprojects',
      '//api/projects',
      '/./api/projects',
      '/x/../api/projects',
      '/API/projects',
      '/api;/projects',
      `${server.url}/api/projects`,
      'http://localhost/api/projects',
      'http://evil.example/%61pi/projects',
    ];
    for (const target of spellings) {
      const { status, body } = await askRaw(server, `GET ${target} HTTP/1.1\r\nHost: localhost\r\n`);
      expect([400, 401, 404], target).toContain(status);
      expect(body, target).not.toContain('My project');
    }
  });

  it('accepts the token as a bearer', async () => {
    await start();
    expect(await statusOf('/api/projects', bearer(token))).toBe(200);
    expect(await statusOf('/api/projects', { authorization: `bearer ${token}` })).toBe(200);
    for (const wrong of [`Basic ${token}`, token, 'Bearer', 'Bearer ', `Bearer ${token}x`]) {
      expect(await statusOf('/api/projects', { authorization: wrong }), wrong).toBe(401);
    }
    expect(await statusOf(`/api/projects?token=${token}`)).toBe(401);
  });

  it('answers health and readiness checks without the token', async () => {
    await start();
    expect(await statusOf('/api/health')).toBe(200);
    expect(await statusOf('/api/ready')).toBe(200);
  });
});

describe('a session', () => {
  it('starts with the token, lasts as a cookie that scripts cannot read, and ends', async () => {
    await start();
    const response = await signIn(token);
    expect(response.status).toBe(204);
    const cookie = cookieOf(response);
    expect(cookie).toMatch(/; HttpOnly/);
    expect(cookie).toMatch(/; SameSite=Strict/);
    expect(cookie).not.toMatch(/; Secure/);
    expect(cookie).not.toContain(token);
    const [pair = ''] = cookie.split(';');
    expect(await statusOf('/api/projects', { cookie: pair })).toBe(200);

    const out = await server.request('DELETE', '/api/session', undefined, { cookie: pair });
    expect(out.status).toBe(204);
    expect(cookieOf(out)).toMatch(/^rill_session=;.*(Expires=Thu, 01 Jan 1970|Max-Age=0)/);
  });

  it('has a secure cookie behind a proxy that terminates TLS', async () => {
    await start();
    expect(cookieOf(await signIn(token, { 'x-forwarded-proto': 'https' }))).toMatch(/; Secure/);
  });

  it('is refused when its cookie was changed, invented or issued by another server', async () => {
    await start();
    const value = (await sessionPair()).slice('rill_session='.length);
    for (const touched of [`${value}x`, value.slice(0, -1), '', '9999999999999', 'x.y', '%', '%00']) {
      expect(await statusOf('/api/projects', { cookie: `rill_session=${touched}` }), touched).toBe(401);
    }
    const other = await startTestServer({ environment: { RILL_ACCESS_TOKEN: `${token}-of-another` } });
    const cookie = `rill_session=${value}`;
    expect((await other.request('GET', '/api/projects', undefined, { cookie })).status).toBe(401);
    await other.close();
  });

  it('refuses a sign-in whose body is anything but one token', async () => {
    await start();
    for (const body of [{}, { token: 5 }, { token: '' }, { token, more: 1 }, 'null', '"x"']) {
      const failure = await failureOf(server.request('POST', '/api/session', body));
      expect(failure, JSON.stringify(body)).toMatchObject({ status: 400, code: 'bad_request' });
    }
  });

  it('reads no more than a few KB before the token is verified', async () => {
    await start();
    const failure = await failureOf(server.request('POST', '/api/session', { token: 'x'.repeat(5000) }));
    expect(failure).toMatchObject({ status: 413, code: 'body_too_large' });
  });
});
