/** Tests a provider that repeats its request: no secret reaches the page or the database, and no text reaches a log. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { detailOf, leftOpen, nothing, send } from './callServer.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

let server: TestServer;
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  expect(await leftOpen(server)).toEqual(nothing);
  await server.close();
  for (const close of closers.splice(0)) await close();
});

type Answer = (echo: string) => { readonly status?: number; readonly body: string };

async function startEcho(answer: Answer): Promise<number> {
  const listener = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      const { authorization = '' } = request.headers;
      const basic = authorization.replace(/^Basic /, '');
      const echo = `${authorization} ${basic} ${Buffer.from(basic, 'base64').toString()} ${request.url} ${text}`;
      const { status = 200, body } = answer(echo);
      response.writeHead(status, {
        'content-type': status === 200 ? 'text/event-stream' : 'application/json',
      });
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => listener.close(resolve).closeAllConnections()));
  return (listener.address() as AddressInfo).port;
}

const data = (json: object) => `data: ${JSON.stringify(json)}\n\n`;
const event = (delta: object, finish: string | null = null) =>
  data({ choices: [{ index: 0, delta, finish_reason: finish }] });
const error = (echo: string) => ({
  message: echo,
  type: echo,
  param: echo,
  code: echo,
  metadata: { raw: echo },
});

const echoes: Record<string, Answer> = {
  'its text': (echo) => ({ body: event({ content: echo }) + event({}, 'stop') }),
  'its text, letter by letter': (echo) => ({
    body: [...echo].map((content) => event({ content })).join('') + event({}, 'stop'),
  }),
  'its reasoning': (echo) => ({ body: event({ reasoning: echo }) + event({ content: 'x' }, 'stop') }),
  'a source': (echo) => ({
    body:
      event({
        annotations: [
          { type: 'url_citation', url_citation: { url: `http://x/${echo}`, title: echo, content: echo } },
        ],
      }) + event({ content: 'x' }, 'stop'),
  }),
  'a picture': (echo) => ({
    body:
      event({ images: [{ type: 'image_url', image_url: { url: `https://x/?${echo}` } }] }) +
      event({}, 'stop'),
  }),
  'a tool call': (echo) => ({
    body:
      event({
        tool_calls: [{ index: 0, id: echo, function: { name: echo, arguments: JSON.stringify({ echo }) } }],
      }) + event({}, 'tool_calls'),
  }),
  'every name': (echo) => ({
    body:
      data({
        id: echo,
        model: echo,
        provider: echo,
        usage: { prompt_tokens: 1, [echo]: echo },
        choices: [],
      }) + event({ content: 'x', refusal: echo }, echo),
  }),
  'an error status': (echo) => ({ status: 400, body: JSON.stringify({ error: error(echo) }) }),
  'an error of the server': (echo) => ({ status: 500, body: JSON.stringify(error(echo)) }),
  'plain words': (echo) => ({ status: 502, body: echo }),
  'an error in the stream': (echo) => ({ body: data({ id: echo, error: error(echo) }) }),
  'an error after text': (echo) => ({ body: event({ content: 'x' }) + data({ error: error(echo) }) }),
  'words for a stream': (echo) => ({ body: echo }),
  'a cut stream': (echo) => ({ body: event({ content: echo }) }),
};

const key = 'provider-key-0123456789';
const password = 'pass-word-0123456789';
const token = 'query-token-0123456789';
const marker = 'zebra quilt lantern';
const secrets = [key, password, token, btoa(`visitor1:${password}`)];

describe.each(Object.entries(echoes))('a provider that repeats the request in %s', (_, answer) => {
  it.each(['a key', 'an address'])('leaks nothing of %s', async (kind) => {
    const port = await startEcho(answer);
    const isKey = kind === 'a key';
    const logLines: string[] = [];
    const credentials = isKey ? '' : `visitor1:${password}@`;
    server = await startTestServer({
      environment: {
        OPENROUTER_API_KEY: isKey ? key : '',
        OPENROUTER_BASE_URL: `http://${credentials}127.0.0.1:${port}/v1?token=${token}`,
        RILL_MAX_RETRIES: '0',
      },
      onLogLine: (line) => logLines.push(line),
    });
    const { path } = await server.newChat();
    const stream = await send(server, path, { content: marker });
    const seen = [JSON.stringify(await stream.rest())];
    seen.push(await (await server.request('POST', `${path}/messages`, { content: marker })).text());
    seen.push(await (await server.request('GET', '/api/models')).text());
    seen.push(JSON.stringify(await detailOf(server, path)));
    for (const file of ['rill.sqlite', 'rill.sqlite-wal'])
      seen.push(readFileSync(join(server.dataDirectory, file)).toString('latin1'));
    for (const text of [...seen, ...logLines])
      for (const secret of secrets)
        expect(text.includes(secret), `${secret} in ${text.slice(0, 400)}`).toBe(false);
    for (const line of logLines) expect(line).not.toContain(marker);
  });
});
