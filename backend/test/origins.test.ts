/** Tests requests by foreign pages and with foreign host names, and the headers that protect a browser. */
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
  const environment = { RILL_ALLOWED_HOSTS: 'Chat.Example.com, other.example, rill.lan:8080' };
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
  ])('%s is accepted, because no foreign site can make it resolve to this server', async (host) => {
    expect((await ask('/api/health', `Host: ${host}`)).status).toBe(200);
  });

  it.each(['chat.example.com', 'CHAT.example.com:443', 'other.example:3000'])(
    '%s is accepted, because it is allowed',
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

  it('takes precedence over the address in the request line', async () => {
    for (const path of ['/', '/assets/none.js?x', '/api/health', '']) {
      const { status } = await askRaw(
        server,
        `GET http://evil.example${path} HTTP/1.1\r\nHost: chat.example.com\r\n`,
      );
      expect(status, path).toBe(path.startsWith('/assets') ? 404 : 200);
    }
  });

  it.each(['chat.example.com.', 'chat.example.com:443', 'other.example.:80', '[::ffff:127.0.0.1]:80'])(
    '%s is accepted in every spelling',
    async (host) => {
      expect((await ask('/api/health', `Host: ${host}`)).status).toBe(200);
    },
  );

  it('that is refused is named in the error, with the setting that would allow it', async () => {
    const { status, body, headers } = await ask('/api/projects', 'Host: rill.home:3000');
    expect(status).toBe(403);
    expect(headers.get('content-type')).toMatch(/json/);
    expect(body).toContain('"message":"The server does not answer to the host \\"rill.home:3000\\".');
    expect(body).toContain('RILL_ALLOWED_HOSTS');
  });

  it('that is refused when a browser opens a page is explained on a page without scripts', async () => {
    for (const path of ['/', '/projects/p1', '/projects/p1/chats/c1']) {
      const accept = 'Accept: text/html,application/xhtml+xml,*/*;q=0.8';
      const { status, body, headers } = await ask(path, 'Host: <b>"rill".lan', accept);
      expect(status).toBe(403);
      expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';style-src 'sha256-/);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(body).toContain(
        '<p>The server does not answer to the host &quot;&lt;b&gt;&quot;rill&quot;.lan&quot;.',
      );
      expect(body).toContain('RILL_ALLOWED_HOSTS');
    }
  });

  it('may be unknown only for a health check', async () => {
    for (const path of ['/api/health', '/api/ready']) {
      for (const version of ['1.0', '1.1']) {
        for (const method of ['GET', 'HEAD']) {
          const lines = version === '1.1' ? 'X-Check: 1\r\n' : '';
          const { status } = await askRaw(server, `${method} ${path} HTTP/${version}\r\n${lines}`);
          expect(status, `${method} ${path} ${version}`).toBe(200);
        }
      }
      expect((await ask(path, 'Host:')).status).toBe(200);
      expect((await ask(path, 'Host: 10.0.0.7')).status).toBe(200);
      expect((await ask(path, 'Host: evil.example')).status).toBe(403);
    }
    expect((await askRaw(server, 'OPTIONS / HTTP/1.0\r\n')).status).toBe(204);
    const others = [
      '/',
      '/index.html',
      '/assets/x.js',
      '/api/projects',
      '/api/events',
      '/api/openapi.json',
      '/api/x',
    ];
    for (const path of others) {
      expect((await askRaw(server, `GET ${path} HTTP/1.0\r\n`)).status, path).toBe(403);
      expect((await askRaw(server, `GET ${path} HTTP/1.1\r\n`)).status, path).toBe(400);
    }
    expect((await askRaw(server, 'OPTIONS /api/projects HTTP/1.0\r\n')).status).toBe(403);
  });

  it('is required', async () => {
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

  it.each([
    // The proxy passes on the host unchanged, with or without the port of the scheme.
    ['https://chat.example.com', 'chat.example.com:443', null],
    ['http://chat.example.com', 'chat.example.com:80', null],
    ['https://chat.example.com', 'CHAT.example.com.', null],
    ['http://[::1]:3000', '[0:0::1]:3000', null],
    // The proxy writes the server's own address instead, and the name is listed.
    ['https://chat.example.com', '127.0.0.1:3000', null],
    ['http://chat.example.com', 'localhost:3000', null],
    ['http://rill.lan:8080', '10.0.0.7:3000', null],
    // The proxy omits the port, or writes another name of the server, and the browser reports the same origin.
    ['https://chat.example.com:8443', 'chat.example.com', 'same-origin'],
    ['http://localhost:8080', 'localhost', 'same-origin'],
    ['https://chat.example.com', 'other.example:3000', 'same-origin'],
  ])('is not seen in one from %s to the host %s (%s)', async (origin, host, site) => {
    const lines = [`Host: ${host}`, `Origin: ${origin}`, ...(site ? [`Sec-Fetch-Site: ${site}`] : [])];
    expect((await ask('/api/projects', ...lines)).status).toBe(200);
  });

  it.each([
    ['https://evil.example', '127.0.0.1:3000', 'same-origin'],
    ['http://chat.example.com:8080', '127.0.0.1:3000', null],
    ['http://chat.example.com:8080', 'chat.example.com', null],
    ['http://chat.example.com:8080', 'chat.example.com', 'same-site'],
    ['https://chat.example.com', 'chat.example.com', 'cross-site'],
    ['http://rill.lan', '10.0.0.7:3000', null],
    ['https://chat.example.com', 'other.example', null],
    ['http://127.0.0.1:8080', '127.0.0.1:3000', null],
    ['http://chat.example.com', 'chat.example.com:443', null],
  ])('is seen in one from %s to the host %s (%s)', async (origin, host, site) => {
    const lines = [`Host: ${host}`, `Origin: ${origin}`, ...(site ? [`Sec-Fetch-Site: ${site}`] : [])];
    expect((await ask('/api/projects', ...lines)).status).toBe(403);
  });

  it('gets an error that names its origin and the setting that would allow it', async () => {
    const headers = { origin: 'http://rill.home:8080' };
    const { message } = await failureOf(server.request('POST', '/api/projects', { name: 'x' }, headers));
    expect(message).toContain('"http://rill.home:8080"');
    expect(message).toContain(`"${own()}"`);
    expect(message).toContain('add rill.home:8080 to RILL_ALLOWED_HOSTS');
  });

  it('may request a file of the page, as a browser does for its own scripts', async () => {
    const { status } = await ask('/', `Host: ${own()}`, 'Origin: https://chat.example.com:9');
    expect(status).toBe(200);
  });

  it('that is marked as cross-site is refused on the API, in every spelling of the path', async () => {
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

  it('is distinguished from one of our own page', async () => {
    const headers = { origin: server.url, 'sec-fetch-site': 'same-origin' };
    expect((await server.request('GET', '/api/projects', undefined, headers)).status).toBe(200);
    const named = ['Host: chat.example.com', 'Origin: https://chat.example.com'];
    expect((await ask('/api/projects', ...named)).status).toBe(200);
    expect(
      (await ask('/api/projects', 'Host: chat.example.com', 'Origin: https://other.example')).status,
    ).toBe(403);
  });

  it('gets no permission by a preflight', async () => {
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

  it('that protect a browser are on JSON, errors, streams, the page and its fallback', async () => {
    const { path } = await server.newChat();
    const responses = {
      json: await server.request('GET', '/api/projects'),
      error: await server.request('GET', '/api/unknown'),
      refused: await server.request('GET', '/api/projects', undefined, { origin: 'https://evil.example' }),
      stream: await server.request('POST', `${path}/messages/stream`, { content: 'Hello' }),
      nothing: await server.request('GET', `${path}/messages/stream`),
      unknownStream: await server.request('GET', `${path}0/messages/stream`),
      invalidSend: await server.request('POST', `${path}/messages/stream`, { content: 1 }),
      refusedSend: await server.request('POST', `${path}/messages/stream`, undefined, {
        origin: 'https://evil.example',
      }),
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

  it('forbid caches to store responses of the API, and proxies to transform a stream', async () => {
    const { path } = await server.newChat();
    const answers = [
      await server.request('GET', '/api/projects'),
      await server.request('GET', path),
      await server.request('GET', '/api/health'),
      await server.request('GET', '/api/openapi.json'),
      await server.request('GET', '/api/unknown'),
      await server.request('POST', '/api/projects', { name: '' }),
      await server.request('GET', `${path}/messages/stream`),
      await server.request('GET', '/api/projects', undefined, { origin: 'https://evil.example' }),
      await server.request('DELETE', '/api/session'),
    ];
    for (const { url, headers } of answers) expect(headers.get('cache-control'), url).toBe('no-store');
    for (const bytes of ['GET /%zz HTTP/1.1\r\nHost: localhost\r\n', 'nonsense\r\n']) {
      expect((await askRaw(server, bytes)).headers.get('cache-control'), bytes).toBe('no-store');
    }
    const stream = await server.request('POST', `${path}/messages/stream`, { content: 'Hello' });
    const { headers } = stream;
    expect(headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(headers.get('content-encoding')).toBe('identity');
    expect(headers.get('x-accel-buffering')).toBe('no');
    await stream.text();
    await leftOpen(server);
  });

  it('never make a path inside the API return the page', async () => {
    const response = await server.request('GET', '/api/unknown', undefined, { accept: 'text/html' });
    expect(await failureOf(response)).toMatchObject({ status: 404, code: 'not_found' });
    for (const path of ['/../package.json', '/..%2f..%2fpackage.json', '/%2e%2e/package.json']) {
      const { status, body } = await ask(path, `Host: ${own()}`);
      expect(status, path).toBeGreaterThanOrEqual(400);
      expect(body).not.toContain('"workspaces"');
    }
  });
});
