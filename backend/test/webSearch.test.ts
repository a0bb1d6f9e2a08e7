/** Tests answers that may use the web: what is asked of the provider, what comes back, and servers that have no web search. */
import type { Chat, RunReceipt } from '@rill/protocol';
import {
  exaSearch,
  malformedSources,
  nativeSearch,
  type SimulatorOptions,
  searchPause,
} from '@rill/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerOf, attach, detailOf, jsonOf, leftOpen, nothing, send } from './callServer.ts';
import { readStream } from './readStream.ts';
import { startTestServer, type TestServer, type TestServerOptions } from './startTestServer.ts';

let server: TestServer;
let path: string;
const start = async (options: TestServerOptions = {}) => {
  server = await startTestServer(options);
  ({ path } = await server.newChat());
};
afterEach(async () => {
  expect(await leftOpen(server)).toEqual(nothing);
  await server.close();
});

interface SentBody {
  readonly tools?: readonly { readonly type: string; readonly parameters: { readonly max_uses?: number } }[];
  readonly stop_server_tools_when?: readonly {
    readonly type: string;
    readonly max_cost_in_dollars?: number;
  }[];
  readonly messages: readonly object[];
}
const bodies = () =>
  server.simulator.requests
    .filter(({ method }) => method === 'POST')
    .map(({ body }) => body as unknown as SentBody);
const toolsSent = () => bodies().map(({ tools = [] }) => tools.map(({ type }) => type));
const costLimits = () =>
  bodies().map(
    ({ stop_server_tools_when: rules = [] }) =>
      rules.find(({ type }) => type === 'max_cost')?.max_cost_in_dollars,
  );
const both = ['openrouter:web_search', 'openrouter:web_fetch'];
const change = (body: object) => jsonOf<Chat>(server.request('PATCH', path, body));
const ask = async (body: object = { content: 'Hello' }) => {
  await (await send(server, path, body)).rest();
  return answerOf(server, path);
};

describe('a chat', () => {
  beforeEach(() => start());

  it('uses the web for no answer until it is asked to, and then for each until it is asked not to', async () => {
    expect(await ask()).not.toHaveProperty('web');
    expect(await change({ webSearch: true })).toMatchObject({ webSearch: true });
    expect(await ask({ content: 'Now search' })).toMatchObject({ web: 'offered' });
    expect(await ask({ regenerateOf: (await answerOf(server, path))?.id })).toMatchObject({ web: 'offered' });
    expect(await change({ webSearch: false })).not.toHaveProperty('webSearch');
    expect(await ask({ content: 'No more' })).not.toHaveProperty('web');
    expect(toolsSent()).toEqual([[], both, both, []]);
  });

  it('is asked to by a message, which may be its first one', async () => {
    await ask({ content: 'Search', webSearch: true });
    expect((await detailOf(server, path)).chat).toMatchObject({ webSearch: true });
    await ask({ content: 'Not any more', webSearch: false });
    await ask({ content: 'And not here' });
    expect(toolsSent()).toEqual([both, [], []]);
  });

  it('uses the web for what waits in its queue, as it is when that is sent', async () => {
    server.simulator.nextScript('demo/quick', [{ delta: 'One' }, { hold: 'one' }], [{ hold: 'two' }]);
    const stream = await send(server, path);
    await server.simulator.waitForHold('one');
    await server.request('POST', `${path}/queue`, { content: 'Second' }, { 'idempotency-key': 'k' });
    await change({ webSearch: true });
    server.simulator.release('one');
    await stream.rest();
    await server.simulator.waitForHold('two');
    expect(toolsSent()).toEqual([[], both]);
    const second = readStream(await attach(server, path));
    server.simulator.release('two');
    await second.rest();
  });

  it('keeps it in its copies', async () => {
    await change({ webSearch: true });
    await ask();
    expect(await jsonOf<Chat>(server.request('POST', `${path}/fork`, {}))).toMatchObject({ webSearch: true });
  });
});

describe('a request with the web', () => {
  it('bounds the uses of each tool, and the cost beside that of reading the chat', async () => {
    await start({ environment: { RILL_WEB_MAX_CENTS: '5', RILL_DEFAULT_MODEL: 'demo/long' } });
    await change({ webSearch: true });
    await ask({ content: 'word '.repeat(20_000) });
    expect(bodies()[0]?.tools?.map(({ parameters }) => parameters.max_uses)).toEqual([3, 3]);
    const [limit = 0] = costLimits();
    // About 20,000 tokens at $3 a million, read twice.
    expect(limit).toBeGreaterThan(0.05 + 0.08);
    expect(limit).toBeLessThan(0.05 + 0.2);
  });

  it('begins like the one before: over 20 turns at least 95 % of a prompt is the beginning of the next', async () => {
    await start({ environment: { RILL_DEFAULT_MODEL: 'demo/long' } });
    await change({ webSearch: true });
    for (let turn = 0; turn < 20; turn += 1) {
      server.simulator.nextScript('demo/long', exaSearch(`Answer ${turn}. ${'It is so. '.repeat(60)}`));
      await ask({ content: `Question ${turn}? ${'Why is it so? '.repeat(20)}` });
    }
    const prompts = bodies().map(({ tools, messages }) => JSON.stringify({ tools, messages }).slice(0, -2));
    let [shared, all] = [0, 0];
    for (const [index, prompt] of prompts.slice(0, -1).entries()) {
      const next = prompts[index + 1] ?? '';
      let length = 0;
      while (length < prompt.length && prompt[length] === next[length]) length += 1;
      shared += length;
      all += prompt.length;
    }
    expect(prompts).toHaveLength(20);
    expect(shared / all).toBeGreaterThanOrEqual(0.95);
  });
});

describe('an answer', () => {
  beforeEach(async () => {
    await start();
    await change({ webSearch: true });
  });

  it('has the sources of a search, and says what it cost', async () => {
    server.simulator.nextScript('demo/quick', exaSearch('Twice a day.'));
    const { annotations = [], usage, web } = (await ask()) ?? {};
    expect(annotations.map(({ url }) => new URL(url).hostname)).toEqual([
      'tides.example.org',
      'harbour.example.net',
      'almanac.example.com',
      'tides.example.org',
      'www.example.com',
    ]);
    expect(annotations[1]).toMatchObject({ title: '' });
    expect(annotations[2]?.excerpt).toBe('excerpt '.repeat(75).trim());
    expect(web).toBe('offered');
    expect(usage).toMatchObject({ searchCount: 1, toolCostUsd: 0.007, estimated: false });
  });

  it('of a native search has no sources, and the same fee', async () => {
    server.simulator.nextScript('demo/quick', nativeSearch('Twice a day.', 2));
    expect(await ask()).toMatchObject({
      annotations: [],
      usage: { searchCount: 2, toolCostUsd: 0.02 },
    });
  });

  it('ignores sources that are none', async () => {
    server.simulator.nextScript('demo/quick', exaSearch('Twice a day.', malformedSources));
    expect(await ask()).toMatchObject({
      content: 'Twice a day.',
      status: 'completed',
      annotations: [{ url: 'https://whole.example.org/', title: '' }],
    });
  });

  it('says what reading from a cache saved', async () => {
    const cache = { readTokens: 4000, writeTokens: 200 };
    server.simulator.nextScript('demo/quick', [{ text: 'Yes.' }, { finish: 'stop', cache }]);
    const { usage } = (await ask({ content: 'word '.repeat(5000) })) ?? {};
    expect(usage).toMatchObject({ cachedTokens: 4000, cacheWriteTokens: 200 });
    // 4,000 tokens for a tenth of $0.15 a million.
    expect(usage?.savedUsd).toBeCloseTo(0.000_54, 8);
    expect(usage).not.toHaveProperty('toolCostUsd');
  });
});

describe('a search that takes long', () => {
  it('is waited for: 40 s of comments are no end of the wait', async () => {
    const steps = searchPause(40).map((step) => ('waitMs' in step ? { waitMs: 5 } : step));
    await start({ environment: { RILL_IDLE_TIMEOUT_MS: '100' } });
    server.simulator.nextScript('demo/quick', [...steps, { text: 'Found.' }]);
    expect(await ask({ content: 'Search', webSearch: true })).toMatchObject({
      content: 'Found.',
      status: 'completed',
    });
  });
});

describe('a server without web search', () => {
  const refuse: SimulatorOptions['refuse'] = (body) =>
    'tools' in body
      ? {
          status: 400,
          body: {
            error: {
              message:
                "Invalid value: 'openrouter:web_search'. Supported values are: 'function' and 'custom'.",
              type: 'invalid_request_error',
              param: 'tools[0].type',
              code: 'invalid_value',
            },
          },
        }
      : undefined;

  it('answers without, which the answer says, and is not asked again', async () => {
    await start({ simulator: { dialect: 'openai', refuse } });
    expect(await ask({ content: 'Search', webSearch: true })).toMatchObject({
      status: 'completed',
      web: 'refused',
      error: null,
    });
    expect(await ask({ content: 'Again' })).toMatchObject({ status: 'completed', web: 'refused' });
    expect(bodies().map((body) => ['tools' in body, 'stop_server_tools_when' in body])).toEqual([
      [true, true],
      [false, false],
      [false, false],
    ]);
    const { runId } = (await answerOf(server, path)) ?? {};
    const receipt = await jsonOf<RunReceipt>(server.request('GET', `/api/runs/${runId}/receipt`));
    expect(receipt).toMatchObject({ model: 'demo/quick' });
  });
});
