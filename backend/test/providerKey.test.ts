/** The provider's key: stored by a user, fetched by the provider's page, never shown, and second to that of the settings. */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProviderKey } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readFeed } from './readStream.ts';
import { startTestServer, type TestServer, type TestServerOptions } from './startTestServer.ts';

const goodKey = 'sk-or-v1-0123456789abcdef-good';
const none = { source: 'none', lastCharacters: '', hasUnusedKey: false, canConnect: true };
const stored = { source: 'stored', lastCharacters: 'good', hasUnusedKey: false, canConnect: true };

let dataDirectory: string;
const running: TestServer[] = [];
const logLines: string[] = [];

beforeEach(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'rill-key-'));
  logLines.length = 0;
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
  await rm(dataDirectory, { recursive: true, force: true });
});

/** A server without a key of its own, whose provider accepts `goodKey` alone and has a page that makes keys. */
async function start(options: TestServerOptions = {}): Promise<TestServer> {
  const server = await startTestServer({
    dataDirectory,
    onLogLine: (line) => logLines.push(line),
    ...options,
    simulator: { apiKey: goodKey, ...options.simulator },
    environment: {
      OPENROUTER_API_KEY: '',
      OPENROUTER_KEY_PAGE_URL: 'http://127.0.0.1:1/auth',
      ...options.environment,
    },
  });
  running.push(server);
  return server;
}

async function stop(server: TestServer): Promise<void> {
  running.splice(running.indexOf(server), 1);
  await server.close();
}

const keyPath = '/api/provider-key';
const keyOf = async (server: TestServer): Promise<ProviderKey> =>
  (await (await server.request('GET', keyPath)).json()) as ProviderKey;
const put = (server: TestServer, apiKey: unknown) => server.request('PUT', keyPath, { apiKey });
const answerOf = async (response: Response) => [response.status, await response.json()];
const refused = (status: number, code: string) => [status, { error: { code } }];

async function ask(server: TestServer): Promise<[number, unknown]> {
  const { path } = await server.newChat();
  const response = await server.request('POST', `${path}/messages`, { content: 'Hello' });
  return [response.status, await response.json()];
}

describe('a key that is entered', () => {
  it('is used by the next answer, without a restart, and after one', async () => {
    const server = await start();
    expect(await keyOf(server)).toEqual(none);
    expect(await ask(server)).toMatchObject([502, { error: { code: 'provider_auth' } }]);
    expect(await answerOf(await put(server, ` "Bearer ${goodKey}"\n`))).toEqual([200, stored]);
    expect(await keyOf(server)).toEqual(stored);
    expect(await ask(server)).toMatchObject([200, { message: { status: 'completed' } }]);
    await stop(server);
    const { port } = new URL(server.simulator.url);
    const again = await start({ simulator: { port: Number(port) } });
    expect(await keyOf(again)).toEqual(stored);
    expect(await ask(again)).toMatchObject([200, { message: { status: 'completed' } }]);
  });

  it('is told to every open page, which then reads its models', async () => {
    const server = await start();
    const feed = readFeed(await server.request('GET', '/api/events'));
    await feed.until(({ event }) => event?.type === 'feed-start');
    await put(server, goodKey);
    await server.request('DELETE', keyPath);
    const told = [await feed.next(), await feed.next()];
    expect(told.map((frame) => frame?.event?.type)).toEqual(['models-change', 'models-change']);
    await feed.disconnect();
  });

  it('is in no response, no line of the log and no file but its own, which only the system user may read', async () => {
    const server = await start({ simulator: { echoKeyInErrors: true } });
    const texts = [await (await put(server, goodKey)).text()];
    await ask(server);
    for (const path of [keyPath, '/api/models', '/api/projects', '/api/openapi.json']) {
      texts.push(await (await server.request('GET', path)).text());
    }
    for (const name of await readdir(dataDirectory)) {
      if (name === 'provider-key.json') continue;
      const path = join(dataDirectory, name);
      if ((await stat(path)).isFile()) texts.push(await readFile(path, 'latin1'));
    }
    texts.push(await (await server.request('DELETE', keyPath)).text(), ...logLines);
    expect(logLines.join('')).toContain('provider_key_changed');
    expect(texts.filter((text) => text.includes('0123456789abcdef'))).toEqual([]);
  });

  it('has a file that only the system user may read, and that is gone once it is deleted', async () => {
    const server = await start();
    await put(server, goodKey);
    const path = join(dataDirectory, 'provider-key.json');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await answerOf(await server.request('DELETE', keyPath))).toEqual([200, none]);
    expect((await readdir(dataDirectory)).filter((name) => name.startsWith('provider-key'))).toEqual([]);
    expect(await ask(server)).toMatchObject([502, { error: { code: 'provider_auth' } }]);
    expect(await answerOf(await server.request('DELETE', keyPath))).toEqual([200, none]);
  });

  it('is refused when the provider does not know it, and the former one stays', async () => {
    const server = await start();
    expect(await answerOf(await put(server, 'sk-or-v1-wrong'))).toMatchObject(refused(422, 'key_refused'));
    expect(await keyOf(server)).toEqual(none);
    await put(server, goodKey);
    expect((await put(server, 'sk-or-v1-wrong')).status).toBe(422);
    expect(await keyOf(server)).toEqual(stored);
  });

  it.each([5, '', '   ', '"Bearer "', 'sk-or-ключ-geheim', 'x'.repeat(1001)])(
    'is 400 and not repeated when it is %j',
    async (apiKey) => {
      const server = await start();
      const response = await put(server, apiKey);
      const text = await response.text();
      expect([response.status, text.includes('geheim')]).toEqual([400, false]);
      expect(await keyOf(server)).toEqual(none);
    },
  );

  it('leaves an answer that is being written its own', async () => {
    const server = await start();
    server.simulator.nextScript('demo/quick', [{ delta: 'One' }, { hold: 'rest' }, { delta: ' two' }]);
    await put(server, goodKey);
    const answer = ask(server);
    await server.simulator.waitForHold('rest');
    await server.request('DELETE', keyPath);
    server.simulator.release('rest');
    expect(await answer).toMatchObject([200, { message: { content: 'One two', status: 'completed' } }]);
  });

  it('replaces the demo, which is back once it is deleted', async () => {
    const server = await start({ provider: { isDemo: true } });
    const isDemo = async () => {
      const list = (await (await server.request('GET', '/api/models')).json()) as { isDemo: boolean };
      return list.isDemo;
    };
    expect(await isDemo()).toBe(true);
    await put(server, goodKey);
    expect(await isDemo()).toBe(false);
    await ask(server);
    const authorizations = server.simulator.requests.map(({ headers }) => headers.authorization);
    expect(authorizations.at(-1)).toBe(`Bearer ${goodKey}`);
    await server.request('DELETE', keyPath);
    expect(await isDemo()).toBe(true);
    await ask(server);
    expect(server.simulator.requests.at(-1)?.headers.authorization).toBe('Bearer demo');
  });

  it('is sent to no other provider than the one that it was entered for', async () => {
    const server = await start();
    await put(server, goodKey);
    await stop(server);
    const other = await start();
    expect(await keyOf(other)).toEqual({ ...none, hasUnusedKey: true });
    await ask(other);
    expect(other.simulator.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  });
});

describe('a key of the settings', () => {
  it('wins over one that was entered, which can only be deleted', async () => {
    const server = await start();
    await put(server, goodKey);
    await stop(server);
    const { port } = new URL(server.simulator.url);
    const other = await start({
      simulator: { port: Number(port), apiKey: 'sk-or-v1-of-the-settings' },
      environment: { OPENROUTER_API_KEY: 'sk-or-v1-of-the-settings' },
    });
    const fixed = { source: 'environment', lastCharacters: 'ings', hasUnusedKey: true, canConnect: false };
    expect(await keyOf(other)).toEqual(fixed);
    expect(await ask(other)).toMatchObject([200, {}]);
    expect(await answerOf(await put(other, goodKey))).toMatchObject(refused(409, 'key_in_settings'));
    const connect = await other.request('POST', `${keyPath}/connection`, { pageUrl: 'http://localhost/' });
    expect(await answerOf(connect)).toMatchObject(refused(409, 'key_in_settings'));
    expect(await answerOf(await other.request('DELETE', keyPath))).toEqual([
      200,
      { ...fixed, hasUnusedKey: false },
    ]);
    expect(await ask(other)).toMatchObject([200, {}]);
  });
});

describe("a key of the provider's page", () => {
  type Caller = Readonly<Record<string, string>>;
  const startWithPage = async (environment: Record<string, string> = {}): Promise<TestServer> => {
    const server = await start({ environment });
    const { keyPageUrl } = server.config.provider;
    expect(keyPageUrl).toBe('http://127.0.0.1:1/auth');
    return server;
  };
  const pageUrl = (server: TestServer) => `${server.url}/chat/settings`;
  const begin = (server: TestServer, caller: Caller = {}) =>
    server.request('POST', `${keyPath}/connection`, { pageUrl: pageUrl(server) }, caller);
  const finish = (server: TestServer, body: object, caller: Caller = {}) =>
    server.request('POST', `${keyPath}/connection/finish`, body, caller);

  /** Opens the page as a browser does, at the simulator, and returns what leads back. */
  async function visit(server: TestServer, begun: Response): Promise<{ state: string; code: string }> {
    const { url } = (await begun.json()) as { url: string };
    const page = new URL(url);
    const simulator = new URL(server.simulator.url);
    const response = await fetch(`${simulator.origin}/auth${page.search}`, { redirect: 'manual' });
    const back = new URL(response.headers.get('location') ?? '');
    expect(back.origin + back.pathname).toBe(pageUrl(server));
    return { state: back.searchParams.get('state') ?? '', code: back.searchParams.get('code') ?? '' };
  }

  it('is fetched by a code, used by the next answer, and never shown', async () => {
    const server = await startWithPage();
    const given = await visit(server, await begin(server));
    expect(await answerOf(await finish(server, given))).toEqual([200, stored]);
    expect(await ask(server)).toMatchObject([200, {}]);
    expect(logLines.filter((line) => line.includes('0123456789abcdef') || line.includes(given.code))).toEqual(
      [],
    );
  });

  it('is not given twice, nor for a wrong code or an unknown state', async () => {
    const server = await startWithPage();
    const given = await visit(server, await begin(server));
    const expired = refused(422, 'connection_expired');
    expect(await answerOf(await finish(server, { ...given, state: 'unknown' }))).toMatchObject(expired);
    expect((await finish(server, given)).status).toBe(200);
    expect(await answerOf(await finish(server, given))).toMatchObject(expired);
    const other = await visit(server, await begin(server));
    expect(await answerOf(await finish(server, { ...other, code: 'wrong' }))).toMatchObject(expired);
    expect(await answerOf(await finish(server, other))).toMatchObject(expired);
  });

  it('belongs to the session that began', async () => {
    const token = 'a-token-of-many-characters';
    const server = await startWithPage({ RILL_ACCESS_TOKEN: token });
    const signIn = async (): Promise<Caller> => {
      const response = await server.request('POST', '/api/session', { token });
      const cookies = response.headers.getSetCookie().map((each) => each.split(';')[0] ?? '');
      return { cookie: cookies.join('; ') };
    };
    const [first, second] = [await signIn(), await signIn()];
    const given = await visit(server, await begin(server, first));
    expect(await answerOf(await finish(server, given, second))).toMatchObject(
      refused(422, 'connection_expired'),
    );
    const asProgram = { authorization: `Bearer ${token}` };
    expect((await finish(server, given, asProgram)).status).toBe(422);
    expect(await answerOf(await finish(server, given, first))).toEqual([200, stored]);
  });

  it('leads back to the page that asks, and to no other', async () => {
    const server = await startWithPage();
    const connect = (address: string, caller: Caller = {}) =>
      server.request('POST', `${keyPath}/connection`, { pageUrl: address }, caller);
    const asPage = { origin: server.url };
    expect((await connect(pageUrl(server), asPage)).status).toBe(200);
    expect((await connect('https://evil.example/', asPage)).status).toBe(400);
    expect((await connect('javascript:alert(1)')).status).toBe(400);
    expect((await connect('no address')).status).toBe(400);
  });

  it('is not offered where the provider has no such page', async () => {
    const server = await start({ environment: { OPENROUTER_KEY_PAGE_URL: '' } });
    expect(await keyOf(server)).toEqual({ ...none, canConnect: false });
    expect(await answerOf(await begin(server))).toMatchObject(refused(404, 'not_found'));
  });
});

describe('access to the key', () => {
  it.each([
    ['GET', keyPath],
    ['PUT', keyPath],
    ['DELETE', keyPath],
    ['POST', `${keyPath}/connection`],
    ['POST', `${keyPath}/connection/finish`],
  ])('%s %s needs a sign-in, and no page of another site gets it', async (method, path) => {
    const server = await start({ environment: { RILL_ACCESS_TOKEN: 'a-token-of-many-characters' } });
    const body = method === 'GET' || method === 'DELETE' ? undefined : { apiKey: goodKey };
    expect(await answerOf(await server.request(method, path, body))).toMatchObject(
      refused(401, 'unauthorized'),
    );
    const foreign = { origin: 'https://evil.example' };
    expect(await answerOf(await server.request(method, path, body, foreign))).toMatchObject(
      refused(403, 'forbidden'),
    );
  });
});
