/** Tests providers that refuse unknown fields: users get answers, and a provider gets at most one request in vain. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SimulatorOptions } from '@rill/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerOf, leftOpen, nothing, send } from './callServer.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

let server: TestServer;
let logLines: string[];
let dataDirectory: string;
beforeEach(async () => {
  logLines = [];
  dataDirectory = await mkdtemp(join(tmpdir(), 'rill-strict-'));
});
afterEach(async () => {
  expect(await leftOpen(server)).toEqual(nothing);
  await server.close();
  await rm(dataDirectory, { recursive: true, force: true });
});

interface Body {
  readonly [name: string]: unknown;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}
type Rule = (body: Body) => string | false;

const limitOf = (body: Body) => Number(body.max_tokens ?? body.max_completion_tokens ?? 0);
const rules: Record<string, Rule> = {
  max_tokens: (body) =>
    'max_tokens' in body && "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
  context: (body) =>
    limitOf(body) > 8180 &&
    'The model reads 8192 tokens at most; the request asks for more in the answer alone.',
  stream_options: (body) => 'stream_options' in body && 'body.stream_options: extra inputs are not permitted',
  'no-system': (body) =>
    body.messages.some(({ role }) => role === 'system') &&
    'The system role is not supported by this template.',
  alternate: (body) => {
    const roles = body.messages.map(({ role }) => role).filter((role) => role !== 'system');
    return roles.some((role, index) => role === roles[index - 1]) && 'Roles must take turns.';
  },
  blank: (body) => body.messages.some(({ content }) => content.trim() === '') && 'A message has no words.',
  surrogate: (body) => /\\u[dD][89a-fA-F]/.test(JSON.stringify(body)) && 'Invalid request: lone surrogate.',
};

const start = async (names: readonly string[], status = 400, port = 0) => {
  const refuse: SimulatorOptions['refuse'] = (body) => {
    const message = names.map((name) => rules[name]?.(body as unknown as Body) || '').find(Boolean);
    if (!message) return undefined;
    return { status, body: { error: { message, type: 'invalid_request_error', param: null, code: null } } };
  };
  server = await startTestServer({
    simulator: { dialect: 'openai', refuse, port },
    environment: { RILL_MAX_RETRIES: '0' },
    dataDirectory,
    onLogLine: (line) => logLines.push(line),
  });
};
const askedCount = () => server.simulator.requests.filter(({ method }) => method === 'POST').length;
const ask = async (path: string, content = 'Hi') => {
  await (await send(server, path, { content })).rest();
  return answerOf(server, path);
};
const learnedLines = () => logLines.filter((line) => line.includes('provider_refusal_learned'));

describe.each([
  [['max_tokens'], 2],
  [['stream_options'], 2],
  [['context'], 2],
  [['max_tokens', 'stream_options', 'context'], 4],
])('a server that refuses %j', (names, firstCount) => {
  it.each([400, 422])(
    'with status %s answers the first message after one retry, and later ones directly',
    async (status) => {
      await start(names, status);
      const { path } = await server.newChat();
      expect(await ask(path)).toMatchObject({ status: 'completed', error: null });
      expect(askedCount()).toBe(firstCount);
      expect(await ask(path, 'Again')).toMatchObject({ status: 'completed' });
      expect(askedCount()).toBe(firstCount + 1);
      expect(learnedLines()).toHaveLength(1);
      expect(learnedLines()[0]).not.toContain('permitted');
    },
  );

  it('is remembered over a restart', async () => {
    await start(names);
    expect(await ask((await server.newChat()).path)).toMatchObject({ status: 'completed' });
    await server.close();
    await start(names, 400, Number(new URL(server.simulator.url).port));
    expect(await ask((await server.newChat()).path)).toMatchObject({ status: 'completed' });
    expect(askedCount()).toBe(1);
  });
});

describe('what is learned', () => {
  it('does not count as an attempt: one provider call is stored', async () => {
    await start(['max_tokens', 'stream_options']);
    const { path } = await server.newChat();
    await ask(path);
    const database = new DatabaseSync(join(dataDirectory, 'rill.sqlite'), { readOnly: true });
    const { count } = database.prepare('SELECT count(*) AS count FROM generations').get() as {
      count: number;
    };
    const kept = database.prepare('SELECT * FROM request_forms').all();
    database.close();
    expect([count, kept.length]).toEqual([1, 1]);
    expect(JSON.stringify(kept)).not.toContain('127.0.0.1');
  });

  it('merges the system prompt of a project into the first message', async () => {
    await start(['no-system']);
    const { path, project } = await server.newChat();
    await server.request('PATCH', `/api/projects/${project.id}`, { systemPrompt: 'Be brief.' });
    expect(await ask(path)).toMatchObject({ status: 'completed' });
    const last = server.simulator.requests.at(-1)?.body as unknown as Body;
    expect(last.messages).toEqual([{ role: 'user', content: 'Be brief.\n\nHi' }]);
  });

  it('stays empty when the other form is refused too, and the user sees the refusal once', async () => {
    server = await startTestServer({
      simulator: {
        dialect: 'openai',
        refuse: () => ({ status: 400, body: { error: { message: "property 'max_tokens' is unsupported" } } }),
      },
      dataDirectory,
    });
    const { path } = await server.newChat();
    expect(await ask(path)).toMatchObject({ status: 'failed', error: { code: 'provider_rejected' } });
    const database = new DatabaseSync(join(dataDirectory, 'rill.sqlite'), { readOnly: true });
    expect(database.prepare('SELECT * FROM request_forms').all()).toEqual([]);
    database.close();
  });
});

describe('a strict template', () => {
  it('gets alternating roles after a failed answer, no blank turn and no half character', async () => {
    await start(['alternate', 'blank', 'surrogate']);
    const { path } = await server.newChat();
    server.simulator.nextScript('demo/quick', { status: 400, body: { error: { message: 'no' } } });
    expect(await ask(path, 'One')).toMatchObject({ status: 'failed' });
    expect(await ask(path, 'Two \ud83d')).toMatchObject({ status: 'completed', error: null });
  });
});
