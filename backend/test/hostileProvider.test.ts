/** Tests a provider that repeats the key of its call: the key is in no frame, no body and no log line. */
import type { Script } from '@rill/simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { detailOf, leftOpen, nothing, send } from './callServer.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

let server: TestServer;
afterEach(() => server.close());

const userId = 'user_2fAkEaCcOuNt0000';
const error = { code: 502, message: `Provider returned error for ${userId}`, metadata: { user_id: userId } };
const failures: readonly (readonly [string, Script])[] = [
  ['an error status', { status: 502, body: { error, user_id: userId } }],
  ['an error page', { status: 502, body: '<html><body>Bad gateway</body></html>' }],
  ['an error status that is its key', { status: 401, body: { error: { ...error, code: 401 } } }],
  ['an error event first', [{ error }]],
  ['an error event in mid-answer', [{ delta: 'Half' }, { error }]],
];

describe.each(['sk-or-v1-0123456789abcdef', 'an unusual key!'])('a provider that leaks the key %j', (key) => {
  it.each(failures)('in %s reaches no reader', async (_where, script) => {
    const logLines: string[] = [];
    server = await startTestServer({
      simulator: { echoKeyInErrors: true },
      environment: { OPENROUTER_API_KEY: key, RILL_MAX_RETRIES: '1', RILL_RETRY_MAX_WAIT_MS: '0' },
      onLogLine: (line) => logLines.push(line),
    });
    server.simulator.script('demo/quick', script);
    const { path } = await server.newChat();
    const seen = [await (await server.request('POST', `${path}/messages/stream`, { content: 'Hi' })).text()];
    seen.push(await (await server.request('POST', `${path}/messages`, { content: 'Again' })).text());
    const detail = await detailOf(server, path);
    seen.push(JSON.stringify(detail));
    for (const { runId } of detail.messages) {
      if (runId) seen.push(await (await server.request('GET', `/api/runs/${runId}`)).text());
    }
    expect(seen.join('\n')).toContain('event: error');
    expect(logLines.join('')).toContain('run failed');
    for (const text of [...seen, ...logLines]) {
      expect(text).not.toContain(key);
      expect(text).not.toContain(userId);
      expect(text).not.toMatch(/<html|Bearer/i);
    }
    expect(await leftOpen(server)).toEqual(nothing);
  });
});

describe('the log', () => {
  it('contains neither the text of a chat nor the token of a user', async () => {
    const logLines: string[] = [];
    const token = 'the-token-of-one-user';
    server = await startTestServer({
      environment: { RILL_ACCESS_TOKEN: token },
      onLogLine: (line) => logLines.push(line),
    });
    const headers = { authorization: `Bearer ${token}` };
    const projects = await server.request('GET', '/api/projects', undefined, headers);
    const [project] = ((await projects.json()) as { projects: { id: string }[] }).projects;
    const chats = `/api/projects/${project?.id}/chats`;
    const chat = (await (await server.request('POST', chats, {}, headers)).json()) as { id: string };
    const secret = 'a secret only for the model';
    // Some servers repeat the prompt in their error.
    const repeating = { ...error, message: `input_value='${secret}'` };
    server.simulator.script('demo/quick', [{ delta: 'a secret answer' }, { error: repeating }]);
    const stream = await send(server, `${chats}/${chat.id}`, { content: secret }, headers);
    await stream.rest();
    await server.request(
      'POST',
      `${chats}/${chat.id}/messages/stream`,
      { content: secret, extra: secret },
      headers,
    );
    await server.request('GET', '/api/projects', undefined, { authorization: 'Bearer a-wrong-token-here' });
    const all = logLines.join('');
    expect(all).toContain('run failed');
    for (const word of [token, secret, 'a secret answer', 'a-wrong-token-here'])
      expect(all).not.toContain(word);
  });
});
