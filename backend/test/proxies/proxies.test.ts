/** Tests Rill behind common proxies: the real programs, configured as by Debian's packages and README.md. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { leftOpen, nothing } from '../callServer.ts';
import { startTestServer, type TestServer } from '../startTestServer.ts';
import { ask, readOn, textOf, type VisitorOptions } from './proxiedBrowser.ts';
import {
  apacheConfig,
  caddyConfig,
  haproxyConfig,
  nginxConfig,
  readmeLines,
  varnishConfig,
} from './proxyConfigs.ts';
import { isInstalled, type ProxyName, type ProxyProcess, startProxy } from './proxyProgram.ts';

const token = 'correct-horse-battery-staple';

interface Case {
  readonly name: string;
  readonly program: ProxyName;
  /** Given the server's host and port. */
  readonly config: (target: string) => (port: number, folder: string) => string;
  /** Path before the proxy's own `/`. */
  readonly basePath?: string;
  /** False when the proxy does not pass on its visitor's address. */
  readonly tellsAddress?: boolean;
  readonly isHttp2?: boolean;
}

let keys: string;
const tls = () => `ssl_certificate ${keys}/cert.pem; ssl_certificate_key ${keys}/key.pem;`;

const cases: readonly Case[] = [
  { name: "README's nginx", program: 'nginx', config: (target) => nginxConfig(readmeLines('nginx', target)) },
  {
    name: "README's nginx with TLS and HTTP/2",
    program: 'nginx',
    config: (target) => nginxConfig(readmeLines('nginx', target), tls()),
    isHttp2: true,
  },
  {
    name: 'nginx that passes no Host and compresses all it can',
    program: 'nginx',
    config: (target) =>
      nginxConfig(
        `location / { proxy_pass http://${target}; }`,
        'gzip_types *; gzip_proxied any; gzip_min_length 0;',
      ),
    tellsAddress: false,
  },
  {
    name: 'nginx that passes the host with its port, and gives up after 1 s of silence',
    program: 'nginx',
    config: (target) =>
      nginxConfig(
        `location / { proxy_pass http://${target}; proxy_set_header Host $host:443; proxy_read_timeout 1s; }`,
        tls(),
      ),
    tellsAddress: false,
    isHttp2: true,
  },
  {
    name: 'nginx that passes a path on',
    program: 'nginx',
    config: (target) =>
      nginxConfig(`location /chat { proxy_pass http://${target}; proxy_set_header Host $http_host; }`),
    basePath: '/chat',
    tellsAddress: false,
  },
  {
    name: 'nginx that cuts a path off',
    program: 'nginx',
    config: (target) =>
      nginxConfig(`location /chat/ { proxy_pass http://${target}/; proxy_set_header Host $http_host; }`),
    basePath: '/chat',
    tellsAddress: false,
  },
  { name: "README's Caddy", program: 'caddy', config: (target) => caddyConfig(readmeLines('caddy', target)) },
  {
    name: 'Caddy that compresses, under a path that it cuts off',
    program: 'caddy',
    config: (target) => caddyConfig(`encode zstd gzip\nhandle_path /chat/* {\nreverse_proxy ${target}\n}`),
    basePath: '/chat',
  },
  {
    name: "README's HAProxy",
    program: 'haproxy',
    config: (target) => haproxyConfig(readmeLines('haproxy', target)),
  },
  {
    name: 'HAProxy with its own health check and compression',
    program: 'haproxy',
    config: (target) =>
      haproxyConfig(
        `backend rill\n  option httpchk\n  compression algo gzip\n  option forwardfor\n  server rill ${target} check\n`,
      ),
  },
  {
    name: "README's Apache",
    program: 'apache2',
    config: (target) => apacheConfig(readmeLines('apache', target)),
  },
  {
    name: 'Apache that passes no Host and compresses everything',
    program: 'apache2',
    config: (target) => apacheConfig(`ProxyPass / http://${target}/\nSetOutputFilter DEFLATE`),
  },
  { name: 'Varnish', program: 'varnishd', config: varnishConfig },
];

let pageDirectory: string;
beforeAll(async () => {
  keys = await mkdtemp(join(tmpdir(), 'rill-keys-'));
  const subject = ['-subj', '/CN=chat.example.com', '-nodes', '-days', '2'];
  const files = ['-keyout', `${keys}/key.pem`, '-out', `${keys}/cert.pem`];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', ...subject, ...files],
    { stdio: 'ignore' },
  );
  pageDirectory = await mkdtemp(join(tmpdir(), 'rill-page-'));
  await mkdir(join(pageDirectory, 'assets'));
  await writeFile(join(pageDirectory, 'index.html'), '<!doctype html>\n<script src="/assets/a.js"></script>');
  await writeFile(join(pageDirectory, 'assets/a.js'), `'script'`);
});
afterAll(async () => {
  for (const folder of [keys, pageDirectory]) await rm(folder, { recursive: true });
});

let server: TestServer | undefined;
let proxy: ProxyProcess | undefined;
afterEach(async () => {
  await proxy?.close();
  if (server) expect(await leftOpen(server)).toEqual(nothing);
  await server?.close();
  [server, proxy] = [undefined, undefined];
});

async function open({ program, config, basePath, isHttp2 = false }: Case) {
  const started = await startTestServer({
    environment: {
      RILL_ACCESS_TOKEN: token,
      RILL_ALLOWED_HOSTS: 'chat.example.com',
      RILL_TRUSTED_PROXIES: 'loopback',
      RILL_HEARTBEAT_MS: '150',
      ...(basePath && { RILL_BASE_PATH: basePath }),
    },
    pageDirectory,
  });
  server = started;
  proxy = await startProxy(program, config(new URL(started.url).host));
  const visitor = { port: proxy.port, origin: `${isHttp2 ? 'https' : 'http'}://chat.example.com`, isHttp2 };
  await untilHealthy(visitor, `${basePath ?? ''}/api/health`);
  return { visitor, simulator: started.simulator };
}

/** Waits for the proxy, which answers 503 until its own check of the server has passed. */
async function untilHealthy(visitor: VisitorOptions, path: string): Promise<void> {
  for (
    let answer = await ask(visitor, { path });
    answer.status !== 200;
    answer = await ask(visitor, { path })
  ) {
    const text = await textOf(answer);
    if (answer.status !== 503) throw new Error(`${answer.status}: ${text}`);
  }
}

async function signIn(visitor: VisitorOptions, basePath: string) {
  const signedIn = await ask(visitor, { method: 'POST', path: `${basePath}/api/session`, body: { token } });
  expect([signedIn.status, await textOf(signedIn)]).toEqual([204, '']);
  const cookies = signedIn.headers['set-cookie'] ?? [];
  return { cookies, headers: { cookie: cookies.map((cookie) => cookie.split(';')[0]).join('; ') } };
}

/** Missing programs are named; where all are required, a test fails. */
const missing = [...new Set(cases.map(({ program }) => program))].filter((name) => !isInstalled(name));
it(
  missing.length === 0
    ? 'finds all proxies'
    : `does without ${missing.join(', ')}, not installed here: their cases do not run`,
  () => {
    expect(process.env.RILL_NEEDS_PROXIES ? missing : []).toEqual([]);
  },
);

describe.each(cases.filter(({ program }) => isInstalled(program)))(
  'behind $name',
  { timeout: 60_000 },
  (each) => {
    const { basePath = '', tellsAddress = true, isHttp2 = false } = each;

    it('serves the page, a sign-in, a stream and the feed without buffering or caching', async () => {
      const { visitor, simulator } = await open(each);
      const page = await ask(visitor, { path: `${basePath}/`, headers: { accept: 'text/html' } });
      expect([page.status, await textOf(page)]).toEqual([
        200,
        expect.stringContaining(`src="${basePath}/assets/a.js"`),
      ]);
      const script = await ask(visitor, {
        path: `${basePath}/assets/a.js`,
        headers: { origin: visitor.origin },
      });
      expect([script.status, await textOf(script)]).toEqual([200, `'script'`]);

      const { cookies, headers } = await signIn(visitor, basePath);
      expect(cookies.every((cookie) => cookie.includes('; Secure') === isHttp2)).toBe(true);
      expect(cookies.every((cookie) => cookie.includes(`; Path=${basePath || '/'};`))).toBe(true);
      const listed = JSON.parse(
        await textOf(await ask(visitor, { path: `${basePath}/api/projects`, headers })),
      );
      const chats = `${basePath}/api/projects/${listed.projects[0].id}/chats`;
      const chat = JSON.parse(
        await textOf(await ask(visitor, { method: 'POST', path: chats, body: {}, headers })),
      );
      const list = await ask(visitor, { path: chats, headers });
      expect(JSON.parse(await textOf(list)).chats).toHaveLength(1);
      expect(list.headers['cache-control']).toBe('no-store');

      const streamed = { ...headers, 'accept-encoding': 'gzip, deflate, br, zstd' };
      const feed = readOn(await ask(visitor, { path: `${basePath}/api/events`, headers: streamed }));
      await feed.until(/event: feed-start/);
      simulator.script('demo/quick', [
        { delta: 'First ' },
        { hold: 'later' },
        { delta: 'rest' },
        { finish: 'stop' },
      ]);
      const path = `${chats}/${chat.id}/messages/stream`;
      const answer = await ask(visitor, { method: 'POST', path, body: { content: 'Hi' }, headers: streamed });
      const stream = readOn(answer);
      // The answer pauses after its first word for longer than the proxy's idle timeout.
      await stream.until(/First [\s\S]*(: heartbeat[\s\S]*){8}/);
      await feed.until(/event: run-start|activeRunId|chat/);
      simulator.release('later');
      expect(await stream.until(/event: done[\s\S]*\n\n/)).toContain('"content":"First rest"');
      feed.leave();
      const deleted = await ask(visitor, { method: 'DELETE', path: `${chats}/${chat.id}`, headers });
      expect(deleted.status).toBe(204);
      expect(JSON.parse(await textOf(await ask(visitor, { path: chats, headers }))).chats).toEqual([]);
    });

    it(
      tellsAddress && !isHttp2
        ? 'wrong tokens of one visitor do not lock out another'
        : 'a foreign page is refused',
      async () => {
        const { visitor } = await open(each);
        const foreign = { origin: 'https://evil.example' };
        const refused = await ask(visitor, {
          method: 'POST',
          path: `${basePath}/api/session`,
          body: { token },
          headers: foreign,
        });
        expect([refused.status, await textOf(refused)]).toEqual([
          403,
          expect.stringContaining('https://evil.example'),
        ]);
        if (!tellsAddress || isHttp2) return;
        const leave = new AbortController();
        const guess = async (address: string) => {
          const headers = { authorization: 'Bearer wrong-wrong-wrong-wrong' };
          const { status, body } = await ask(visitor, {
            path: `${basePath}/api/projects`,
            headers,
            address,
            signal: leave.signal,
          });
          body.resume();
          return status;
        };
        for (let attempt = 0; attempt < 10; attempt += 1) await guess('127.0.0.2');
        const more = Array.from({ length: 4 }, () => guess('127.0.0.2'));
        expect(await Promise.any(more)).toBe(429);
        expect(await guess('127.0.0.3')).toBe(401);
        leave.abort();
        await Promise.allSettled(more);
      },
    );
  },
);
