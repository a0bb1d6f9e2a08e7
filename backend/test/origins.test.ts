/** Requests made by foreign pages and foreign names, and the headers that keep a browser safe. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countRows, failureOf, leftOpen, nothing } from './callServer.ts';
import { askRaw } from './rawRequest.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

let server: TestServer;
let pageDirectory: string;
beforeAll(async () => {
  pageDirectory = await mkdtemp(join(tmpdir(), 'rill-page-'));
  await writeFile(join(pageDirectory, 'index.html'), '<!doctype html><title>Rill</title>');
  const environment = { RILL_ALLOWED_HOSTS: 'Chat.Example.com, other.example' };
  server = await startTestServer({ environment, pageDirectory });
});
afterAll(async () => {
  await server.close();
  await rm(pageDirectory, { recursive: true });
});

const ask = (path: string, ...lines: string[]) =>
  askRaw(server, [`GET ${path} HTTP/1.1`, ...lines, ''].join('\r\n'));
const own = () => new URL(server.url).host;

describe('a file of the page', () => {
  beforeAll(async () => {
    await mkdir(join(pageDirectory, 'assets'));
    await writeFile(join(pageDirectory, 'assets/index-a1.js'), 'plain');
    await writeFile(join(pageDirectory, 'assets/index-a1.js.br'), 'by brotli');
    await writeFile(join(pageDirectory, 'assets/index-a1.js.gz'), 'by gzip');
  });

  it.each([
    ['gzip, deflate, br', 'br', 'by brotli'],
    ['gzip', 'gzip', 'by gzip'],
    ['identity', null, 'plain'],
  ])('comes as the build compressed it for "Accept-Encoding: %s"', async (accepted, encoding, body) => {
    const answer = await ask('/assets/index-a1.js', `Host: ${own()}`, `Accept-Encoding: ${accepted}`);
    expect(answer.headers.get('content-encoding')).toBe(encoding);
    expect(answer.headers.get('content-type')).toMatch(/javascript/);
    expect(answer.headers.get('vary')).toMatch(/accept-encoding/i);
    expect(answer.headers.get('cache-control')).toContain('immutable');
    expect(answer.body).toContain(body);
  });
});

describe('a host name', () => {
  it.each([
    '127.0.0.1',
    '127.0.0.1:3000',
    'localhost',
    'LOCALHOST:3000',
    '[::1]:3000',
    '10.0.0.7',
    '192.168.1.2:80',
  ])('%s is answered, for nobody can point it at us', async (host) => {
    expect((await ask('/api/health', `Host: ${host}`)).status).toBe(200);
  });

  it.each(['chat.example.com', 'CHAT.example.com:443', 'other.example:3000'])(
    '%s is answered, for it is allowed',
    async (host) => {
      expect((await ask('/api/health', `Host: ${host}`)).status).toBe(200);
    },
  );

  it.each([
    'evil.example',
    'evil.example:3000',
    'chat.example.com.evil.example',
    'xchat.example.com',
    'localhost.evil.example',
    'evil.example#127.0.0.1',
    '127.0.0.1@evil.example',
    'evil.example:80:127.0.0.1',
    '[::1].evil.example',
    '127.0.0.1.evil.example',
  ])('%s is refused on the API and on the page', async (host) => {
    for (const path of ['/api/projects', '/api/health', '/']) {
      const { status, body } = await ask(path, `Host: ${host}`);
      expect([400, 403], path).toContain(status);
      expect(body).not.toMatch(/My project|<title>/);
    }
  });

  it('is needed', async () => {
    expect((await ask('/api/projects')).status).toBe(400);
    expect((await ask('/api/projects', 'Host:')).status).toBe(403);
    expect((await askRaw(server, 'GET /api/projects HTTP/1.0\r\n')).status).toBe(403);
  });
});

describe('a request of a foreign page', () => {
  it.each(['https://evil.example', 'null', 'http://localhost:1', 'file://', 'nonsense'])(
    'from the origin %s is refused and changes nothing',
    async (origin) => {
      const headers = { origin };
      for (const [method, path, body] of [
        ['POST', '/api/projects', { name: 'Foreign' }],
        ['GET', '/api/projects', undefined],
      ] as const) {
        const failure = await failureOf(server.request(method, path, body, headers));
        expect(failure).toMatchObject({ status: 403, code: 'forbidden' });
      }
      expect(countRows(server, 'projects')).toBe(1);
    },
  );

  it('that says that it crosses sites is refused on the API, however it spells the path', async () => {
    for (const path of ['/api/projects', '/%61pi/projects']) {
      const { status } = await ask(path, `Host: ${own()}`, 'Sec-Fetch-Site: cross-site');
      expect(status, path).toBe(403);
    }
  });

  it('may link to the page', async () => {
    const { status, body } = await ask(
      '/',
      `Host: ${own()}`,
      'Sec-Fetch-Site: cross-site',
      'Accept: text/html',
    );
    expect([status, body.includes('<title>Rill</title>')]).toEqual([200, true]);
  });

  it('is not confused with one of our own page', async () => {
    const headers = { origin: server.url, 'sec-fetch-site': 'same-origin' };
    expect((await server.request('GET', '/api/projects', undefined, headers)).status).toBe(200);
    const named = ['Host: chat.example.com', 'Origin: https://chat.example.com'];
    expect((await ask('/api/projects', ...named)).status).toBe(200);
    expect(
      (await ask('/api/projects', 'Host: chat.example.com', 'Origin: https://other.example')).status,
    ).toBe(403);
  });

  it('gets no leave by a preflight', async () => {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
    const response = await server.request('OPTIONS', '/api/projects', undefined, headers);
    expect(response.status).toBe(403);
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('the headers', () => {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob: https:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join(';');

  it('that keep a browser safe are on JSON, errors, streams, the page and its fallback', async () => {
    const { path } = await server.newChat();
    const responses = {
      json: await server.request('GET', '/api/projects'),
      error: await server.request('GET', '/api/unknown'),
      refused: await server.request('GET', '/api/projects', undefined, { origin: 'https://evil.example' }),
      stream: await server.request('POST', `${path}/messages/stream`, { content: 'Hello' }),
      nothing: await server.request('GET', `${path}/messages/stream`),
      page: await server.request('GET', '/'),
      fallback: await server.request('GET', '/some/chat', undefined, { accept: 'text/html' }),
    };
    for (const [what, response] of Object.entries(responses)) {
      const { headers } = response;
      expect(headers.get('content-security-policy'), what).toBe(policy);
      expect(headers.get('x-content-type-options'), what).toBe('nosniff');
      expect(headers.get('referrer-policy'), what).toBe('no-referrer');
      expect(headers.get('x-powered-by'), what).toBeNull();
      expect(
        [...headers.keys()].filter((name) => name.startsWith('access-control')),
        what,
      ).toEqual([]);
      await response.text();
    }
    expect(responses.fallback.status).toBe(200);
    expect(responses.page.headers.get('cache-control')).toBe('no-cache');
    expect(await leftOpen(server)).toEqual(nothing);
  });

  it('of a path inside the API never lead to the page', async () => {
    const response = await server.request('GET', '/api/unknown', undefined, { accept: 'text/html' });
    expect(await failureOf(response)).toMatchObject({ status: 404, code: 'not_found' });
    for (const path of ['/../package.json', '/..%2f..%2fpackage.json', '/%2e%2e/package.json']) {
      const { status, body } = await ask(path, `Host: ${own()}`);
      expect(status, path).toBeGreaterThanOrEqual(400);
      expect(body).not.toContain('"workspaces"');
    }
  });
});
