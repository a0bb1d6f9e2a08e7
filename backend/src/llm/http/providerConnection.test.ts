import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { collect, createTestBench, failureOf, portOf, requestFor, turnUntil } from '../llmTestBench.ts';
import { readProxies } from './chooseProxy.ts';
import { describeConnectionError } from './connectionProblem.ts';

const signal = new AbortController().signal;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const answer = 'data: {"choices":[{"delta":{"content":"Here"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

interface ReceivedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

async function listen(server: Server | TcpServer, host = '127.0.0.1'): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  closers.push(async () => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return portOf(server);
}

/** A provider that redirects when `to` says so, and answers otherwise. */
async function startProvider(
  to: (request: ReceivedRequest) => [number, string] | null = () => null,
  host?: string,
) {
  const requests: ReceivedRequest[] = [];
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request;
    const entry = { method, url, headers, body: await text(request) };
    requests.push(entry);
    const redirect = to(entry);
    if (redirect) response.writeHead(redirect[0], { location: redirect[1] }).end('Moved.');
    else response.writeHead(200, { 'content-type': 'text/event-stream' }).end(answer);
  });
  return { port: await listen(server, host), requests };
}

async function ask(baseUrl: string, options: Parameters<typeof createTestBench>[1] = {}) {
  const { service, clock } = createTestBench(baseUrl, options);
  closers.push(() => service.close());
  const collected = await collect(service.streamLLMResponse(requestFor('m'), { signal }));
  expect(clock.pendingTimers).toBe(0);
  return collected;
}

describe('a redirect', () => {
  test.each([301, 302, 307, 308])(
    'by %s to the same server is followed with the same request',
    async (status) => {
      const { port, requests } = await startProvider(({ url }) =>
        url.startsWith('/old') ? [status, '/new/v1/chat/completions'] : null,
      );
      const { content } = await ask(`http://127.0.0.1:${port}/old/v1`, { query: '?api-version=1' });
      expect(content).toBe('Here');
      expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
        'POST /old/v1/chat/completions?api-version=1',
        'POST /new/v1/chat/completions?api-version=1',
      ]);
      expect(requests[1]?.body).toBe(requests[0]?.body);
      expect(requests[1]?.headers.authorization).toBe(requests[0]?.headers.authorization);
    },
  );

  test('to another server is not followed: its address is named, and the key is not sent', async () => {
    const other = await startProvider();
    const there = `http://127.0.0.1:${other.port}/v1/chat/completions`;
    const { port } = await startProvider(() => [308, `${there}?secret=1`]);
    const failure = failureOf(await ask(`http://127.0.0.1:${port}/v1`, { maxRetries: 2 }));
    expect(failure).toMatchObject({
      isRetryable: false,
      message: `The address of the model provider redirects to ${there} (308): set OPENROUTER_BASE_URL to where it answers.`,
    });
    expect(other.requests).toEqual([]);
  });

  test.each([
    ['in a circle', [307, '/v1/chat/completions'], 6, 'more than 5 times'],
    ['that asks for something else', [303, '/v1/x'], 1, '(303)'],
    ['to nowhere', [302, 'http://'], 1, 'nowhere'],
  ] as const)('%s ends in a sentence', async (_, [status, location], count, words) => {
    const { port, requests } = await startProvider(() => [status, location]);
    const failure = failureOf(await ask(`http://127.0.0.1:${port}/v1`));
    expect(failure.message).toContain(words);
    expect(failure.isRetryable).toBe(false);
    expect(requests).toHaveLength(count);
  });
});

describe('an address without its version', () => {
  const startAt = async (path: string) => {
    const requests: string[] = [];
    const server = createServer((request, response) => {
      requests.push(request.url ?? '');
      const isThere = request.url?.split('?')[0] === `${path}/chat/completions`;
      response.writeHead(isThere ? 200 : 404, {
        'content-type': isThere ? 'text/event-stream' : 'text/plain',
      });
      response.end(isThere ? answer : '404 page not found');
    });
    return { port: await listen(server), requests };
  };

  test.each([
    ['', '/v1', 1],
    ['', '/api/v1', 2],
    ['', '', 3],
    ['/api', '/v1', 2],
    ['/openai', '/openai', 1],
    ['/openai', '/openai/v1', 2],
  ])('%j is tried with its paths until it answers at %j', async (base, path, count) => {
    const { port, requests } = await startAt(path);
    const { service } = createTestBench(`http://127.0.0.1:${port}${base}`);
    closers.push(() => service.close());
    for (const expected of [count, count + 1]) {
      const { content, parts } = await collect(service.streamLLMResponse(requestFor('m'), { signal }));
      expect(content).toBe('Here');
      expect(parts.filter(({ type }) => type === 'attempt')).toHaveLength(1);
      expect(requests).toHaveLength(expected);
    }
  });

  test('that answers at no path fails as not found, without a retry', async () => {
    const { port, requests } = await startAt('/elsewhere');
    const failure = failureOf(await ask(`http://127.0.0.1:${port}`));
    expect(failure).toMatchObject({ code: 'provider_rejected', isRetryable: false });
    expect(requests).toHaveLength(3);
  });
});

/** An HTTP proxy that records its requests, and resolves every name to this machine. */
async function startProxy(options: { readonly status?: number; readonly isSilent?: boolean } = {}) {
  const requests: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer(async (request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? '-'}`);
    if (options.status) response.writeHead(options.status).end();
    else response.writeHead(200, { 'content-type': 'text/event-stream' }).end(answer);
  });
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    requests.push(`CONNECT ${request.url} ${request.headers['proxy-authorization'] ?? '-'}`);
    sockets.push(socket);
    socket.on('error', () => undefined);
    if (options.isSilent) return;
    if (options.status) {
      socket.end(`HTTP/1.1 ${options.status} No\r\n\r\n`);
      return;
    }
    const there = connect(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      there.pipe(socket).pipe(there);
    });
    there.on('error', () => socket.destroy());
    sockets.push(there);
  });
  const port = await listen(server);
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
  });
  return { port, requests, sockets };
}

const throughProxy = (port: number, noProxy = '') =>
  readProxies((name) => {
    if (name === 'NO_PROXY') return noProxy;
    return name === 'HTTP_PROXY' || name === 'HTTPS_PROXY' ? `http://me:pass@127.0.0.1:${port}` : '';
  });
const credentials = `Basic ${btoa('me:pass')}`;

async function startTls() {
  const read = (name: string) =>
    readFileSync(new URL(`../../../test/certificates/localhost.${name}.pem`, import.meta.url));
  return listen(createTlsServer({ key: read('key'), cert: read('cert') }));
}

describe('informational responses', () => {
  const early = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
  const continueHead = 'HTTP/1.1 100 Continue\r\nDate: now\r\n\r\n';
  const final = `HTTP/1.1 200 OK\r\nContent-Length: ${answer.length}\r\n\r\n${answer}`;
  test.each([
    ['100', [continueHead + final]],
    ['100 by itself', [continueHead, final]],
    ['100 twice', [continueHead + continueHead, final]],
    ['100 and 103', [continueHead + early, final]],
    ['100 in two parts', [continueHead.slice(0, 25), continueHead.slice(25) + final]],
  ])('before the answer are skipped: %s', async (_, parts) => {
    const server = createTcpServer((socket) => {
      socket.setNoDelay();
      socket.on('data', (bytes) => {
        if (!bytes.toString().endsWith('}')) return;
        const [first = '', second = ''] = parts;
        socket.write(first, () => setImmediate(() => socket.write(second)));
      });
    });
    const port = await listen(server);
    const { service } = createTestBench(`http://127.0.0.1:${port}`);
    closers.push(() => service.close());
    const { content, thrown } = await collect(service.streamLLMResponse(requestFor('m'), { signal }));
    expect({ content, thrown }).toEqual({ content: 'Here', thrown: null });
  });
});

describe('a proxy', () => {
  test('gets the full URL of an http request', async () => {
    const proxy = await startProxy();
    const collected = await ask('http://llm.example:8000/v1', { proxies: throughProxy(proxy.port) });
    expect(collected.content).toBe('Here');
    expect(proxy.requests).toEqual([`POST http://llm.example:8000/v1/chat/completions ${credentials}`]);
  });

  test('opens a tunnel to an https address, and the certificate is checked inside it', async () => {
    const [proxy, port] = [await startProxy(), await startTls()];
    const collected = await ask(`https://llm.example:${port}/v1`, { proxies: throughProxy(proxy.port) });
    expect(proxy.requests).toEqual([`CONNECT llm.example:${port} ${credentials}`]);
    expect(failureOf(collected).message).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
  });

  test('is not used for the hosts of NO_PROXY', async () => {
    const [proxy, provider] = [await startProxy(), await startProvider()];
    const proxies = throughProxy(proxy.port, '127.0.0.1');
    expect((await ask(`http://127.0.0.1:${provider.port}/v1`, { proxies })).content).toBe('Here');
    expect(proxy.requests).toEqual([]);
  });

  test.each([
    ['http', 407, 'wants a user and a password'],
    ['https', 407, 'wants a user and a password'],
    ['https', 403, 'refused to connect to it (403)'],
  ])(
    'that refuses an %s address with %s is named in the error, without its user',
    async (scheme, status, words) => {
      const proxy = await startProxy({ status });
      const proxies = throughProxy(proxy.port);
      const failure = failureOf(await ask(`${scheme}://llm.example:8000/v1`, { proxies, maxRetries: 1 }));
      expect(failure).toMatchObject({ code: 'provider_unavailable', isRetryable: false });
      expect(failure.message).toContain(words);
      expect(failure.message).not.toContain('me');
    },
  );

  test('that does not respond is disconnected as soon as the request is cancelled', async () => {
    const proxy = await startProxy({ isSilent: true });
    const controller = new AbortController();
    const { service } = createTestBench('https://llm.example/v1', { proxies: throughProxy(proxy.port) });
    closers.push(() => service.close());
    const collected = collect(service.streamLLMResponse(requestFor('m'), { signal: controller.signal }));
    await turnUntil(() => proxy.sockets.length > 0);
    const closed = new Promise((resolve) => proxy.sockets[0]?.on('end', resolve).resume());
    const reason = new Error('enough');
    controller.abort(reason);
    expect((await collected).thrown).toBe(reason);
    await closed;
  });
});

describe('a connection that cannot be opened', () => {
  test('because of its certificate names that and NODE_EXTRA_CA_CERTS, and is not retried', async () => {
    const port = await startTls();
    const failure = failureOf(await ask(`https://localhost:${port}/v1`, { maxRetries: 3 }));
    expect(failure).toMatchObject({ code: 'provider_unavailable', isRetryable: false });
    expect(failure.report.providerError).toMatchObject({ phase: 'transport', isRetryable: false });
    expect(failure.message).toMatch(/certificate.*DEPTH_ZERO_SELF_SIGNED_CERT.*NODE_EXTRA_CA_CERTS/);
  });

  test('because the port has no listener is reported as that, and may be retried', async () => {
    const server = createServer();
    const port = await listen(server);
    await closers.pop()?.();
    const failure = failureOf(await ask(`http://127.0.0.1:${port}/v1`));
    expect(failure.message).toContain('refused the connection (ECONNREFUSED)');
    expect(failure.isRetryable).toBe(true);
  });

  test('because its server speaks no TLS is reported as that', async () => {
    const { port } = await startProvider();
    const failure = failureOf(await ask(`https://127.0.0.1:${port}/v1`));
    expect(failure).toMatchObject({ isRetryable: false });
    expect(failure.message).toContain('is it an http address');
  });

  test.each<[unknown, string, boolean]>([
    [{ code: 'CERT_HAS_EXPIRED' }, 'has expired', false],
    [{ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, 'for another name', false],
    [{ code: 'CERT_NOT_YET_VALID' }, 'clock', false],
    [{ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }, 'NODE_EXTRA_CA_CERTS', false],
    [{ code: 'SELF_SIGNED_CERT_IN_CHAIN' }, 'NODE_EXTRA_CA_CERTS', false],
    [{ code: 'ENOTFOUND' }, 'name of the model provider was not found', true],
    [{ code: 'EAI_AGAIN' }, 'could not be looked up', true],
    [{ code: 'EMFILE' }, 'no file left', true],
    [
      { code: 'UND_ERR_SOCKET', cause: Object.assign(new Error('x'), { code: 'ENETUNREACH' }) },
      'no way',
      true,
    ],
  ])('%j is reported with "%s"', (fields, words, isRetryable) => {
    const problem = describeConnectionError(Object.assign(new Error('x'), fields));
    expect(problem?.sentence).toContain(words);
    expect(problem?.isRetryable).toBe(isRetryable);
    expect(describeConnectionError(new AggregateError([Object.assign(new Error('y'), fields)]))).toEqual(
      problem,
    );
  });
});

test.each(['127.0.0.1', '::1'])(
  'localhost is reached at the address on which it listens: %s',
  async (host) => {
    const { port } = await startProvider(undefined, host);
    expect((await ask(`http://localhost:${port}/v1`)).content).toBe('Here');
  },
);
