import { expect, it } from 'vitest';
import { createLogger } from './logger.ts';

function capture(level = 'info') {
  const lines: string[] = [];
  return { lines, logger: createLogger(level, { write: (line: string) => void lines.push(line) }) };
}

const secret = 'must-not-be-logged';

it.each<[string, object]>([
  ['a key', { apiKey: secret }],
  ['a key in settings', { provider: { apiKey: secret } }],
  ['a key deep in settings', { config: { provider: { apiKey: secret } } }],
  ['the access token', { accessToken: secret }],
  ['the access token in settings', { config: { accessToken: secret } }],
  ['an authorization header', { headers: { authorization: secret } }],
  ['an authorization header of a request', { req: { headers: { authorization: secret } } }],
  ['a cookie', { headers: { cookie: secret } }],
  ['a cookie of a request', { req: { headers: { cookie: secret } } }],
  ['a cookie that is set', { res: { headers: { 'set-cookie': secret } } }],
  ['a user’s text', { content: secret }],
  ['a user’s text in a body', { body: { content: secret } }],
  ['the text of a message', { run: { message: { content: secret } } }],
  ['reasoning', { message: { reasoning: secret } }],
  ['the messages of a request', { messages: [{ role: 'user', content: secret }] }],
  ['the messages in a body', { body: { messages: [{ content: secret }] } }],
  ['text on an error', { err: Object.assign(new Error('failed'), { content: secret }) }],
  ['a key on a cause', { err: new Error('failed', { cause: { apiKey: secret } }) }],
])('%s is removed from a line', (_, fields) => {
  const { lines, logger } = capture();
  logger.info(fields, 'something happened');
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain(secret);
  expect(lines[0]).toContain('something happened');
});

it('the fields that a caller passed are not changed', () => {
  const fields = { config: { apiKey: secret } };
  capture().logger.info(fields, 'started');
  expect(fields).toEqual({ config: { apiKey: secret } });
});

it('a line keeps ids, codes and numbers', () => {
  const { lines, logger } = capture();
  logger.info({ runId: 'a', code: 'idle_timeout', count: 3 }, 'run ended');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    runId: 'a',
    code: 'idle_timeout',
    count: 3,
    msg: 'run ended',
  });
});

it('an error keeps its name, its message and its stack', () => {
  const { lines, logger } = capture();
  logger.error({ err: new TypeError('failed') }, 'run failed');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ err: { type: 'TypeError', message: 'failed' } });
  expect(lines[0]).toContain('logger.test.ts');
});

it('lines below the level are omitted', () => {
  const { lines, logger } = capture('warn');
  logger.info('quiet');
  logger.warn('loud');
  expect(lines).toHaveLength(1);
});
