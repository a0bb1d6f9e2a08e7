/** Tests the table of ends, errors and neither in llm/README.md row by row through the reader. */
import { describe, expect, test } from 'vitest';
import { CompletionReader } from './completionReader.ts';

const chunk = (content: string, finish_reason: string | null = null, extra: object = {}) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta: { content }, finish_reason }],
  ...extra,
});
const data = (...values: (object | string)[]) =>
  values.map((value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`).join('');

function read(body: string): CompletionReader {
  const reader = new CompletionReader();
  reader.feed(new TextEncoder().encode(body));
  reader.end();
  return reader;
}

/** An error by itself, which no server sends together with a part of its answer. */
const errors: readonly (readonly [string, string])[] = [
  ['error object', data({ error: { message: 'boom', code: 500 } })],
  ['error object without a code', data({ error: { message: 'boom' } })],
  ['error object with code 0', data({ error: { code: 0, message: 'boom' } })],
  ['error sentence', data({ error: 'boom' })],
  ['error list', data({ error: [{ message: 'boom' }] })],
  ['error true', data({ error: true })],
  ['error in a chunk', data(chunk('', null, { error: { message: 'boom' } }))],
  ['error in the choice', data({ choices: [{ index: 0, error: { message: 'boom' }, delta: {} }] })],
  ['error in the delta', data({ choices: [{ index: 0, delta: { error: 'boom' } }] })],
  ['object error', data({ object: 'error', message: 'boom', code: 500 })],
  ['type error', data({ type: 'error', error: { type: 'overloaded_error', message: 'boom' } })],
  ['type of an exception', data({ type: 'BadRequestError', message: 'boom' })],
  ['AWS', data({ __type: 'ThrottlingException', message: 'boom' })],
  ['event member', data({ event: 'error', status: 400, message: 'boom' })],
  ['detail sentence', data({ detail: 'boom' })],
  ['detail list', data({ detail: [{ loc: ['body', 'top_k'], msg: 'boom' }] })],
  ['errors list', data({ errors: [{ message: 'boom' }] })],
  ['errors of sentences', data({ errors: ['boom'] })],
  ['errors by field', data({ errors: { top_k: ['boom'] } })],
  ['list of errors', data('[{"error":{"message":"boom"}}]')],
  ['x_groq', data({ choices: [], x_groq: { error: 'boom' } })],
  ['error_code', data({ error_code: 17, error_msg: 'boom' })],
  ['errcode', data({ errcode: 40001, errmsg: 'boom' })],
  ['base_resp', data({ base_resp: { status_code: 1004, status_msg: 'boom' } })],
  ['code and message', data({ code: 'InvalidApiKey', message: 'boom', request_id: 'r' })],
  ['number and message', data({ code: 10013, message: 'boom', choices: [] })],
  ['number alone', data({ code: 503 })],
  ['success false', data({ success: false, message: 'boom' })],
  ['status word', data({ status: 'error', message: 'boom' })],
  ['status number', data({ status: 500, error: 'Internal Server Error', message: 'boom' })],
  ['statusCode', data({ statusCode: 429, message: 'boom' })],
  ['error field', 'error: {"message":"boom","code":500}\n\n'],
  ['error field with words', 'error: boom\n\n'],
  ['Error field', 'Error: boom\n'],
  ['error event', 'event: error\ndata: {"message":"boom"}\n\n'],
  ['error event with words', 'event: error\ndata: boom\n\n'],
  ['error event named last', 'data: {"message":"boom"}\nevent: error\n\n'],
  ['exception event', 'event: modelStreamErrorException\ndata: {"message":"boom"}\n\n'],
  ['bare error line', '{"error":{"message":"boom"}}\n'],
  ['bare error in a list', '[{"error":{"message":"boom"}}]\n'],
  ['bare error over lines', '{\n  "error": {\n    "message": "boom"\n  }\n}\n'],
  ['words of an error in data', data('Error: boom')],
  ['words in brackets', data('[ERROR] boom')],
  ['finish reason error', data(chunk('', 'error'))],
  ['finish reason network_error', data(chunk('', 'network_error'))],
  ['finish reason insufficient_system_resource', data(chunk('', 'insufficient_system_resource'))],
];

describe('an error', () => {
  test.each(errors)('%s: counts before text, after it, and after the finish reason', (_, error) => {
    const text = data(chunk('Half'));
    const done = data('[DONE]');
    const bodies = [
      error,
      error + done,
      text + error,
      text + error + done,
      text + error + data(chunk('', 'stop')) + done,
    ];
    expect(bodies.map((body) => read(body).outcome)).toEqual(bodies.map(() => 'error'));
    expect(read(data(chunk('Half', 'stop')) + error + done).outcome).toBe('error');
    expect(read(`\uFEFF${error}`).outcome).toBe('error');
  });

  test('of only a message counts unless the server sends a finish reason', () => {
    const words = data({ message: 'working on it' });
    expect(read(words).outcome).toBe('error');
    expect(read(data(chunk('a')) + words + data('[DONE]')).outcome).toBe('error');
    expect(read(words + data(chunk('a', 'stop'))).outcome).toBe('complete');
  });
});

describe('neither', () => {
  const neither: readonly object[] = [
    { error: null },
    { error: {} },
    { error: '' },
    { error: false },
    { error: [] },
    { error: 'none' },
    { error: { code: 0, message: 'success' } },
    { error: { code: null, message: null, type: null } },
    { errors: [] },
    { errors: null },
    { code: 0 },
    { code: 0, message: 'Success' },
    { code: 0, message: 'whatever it is' },
    { code: 200, msg: 'OK' },
    { code: '0', message: '' },
    { error_code: 0, error_msg: '' },
    { base_resp: { status_code: 0, status_msg: '' } },
    { success: true, status: 'ok' },
    { status: 200 },
    { detail: null },
    { detail: 'high' },
    { message: 'ok' },
    { x_groq: { id: 'r' } },
    { x_groq: { error: null } },
    { type: 'chunk' },
  ];
  test.each(neither)('applies to %j on every chunk', (extra) => {
    const chunks = [chunk('', null, extra), chunk('Whole', null, extra), chunk('', 'stop', extra)];
    const usage = { choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 }, ...extra };
    const reader = read(data(...chunks, usage, '[DONE]'));
    expect(reader).toMatchObject({ outcome: 'complete', error: null, complaint: null });
  });

  test('applies to keep-alives and pings in any form', () => {
    const pings = `: ping\n\nevent: ping\ndata: {"type":"ping"}\n\nevent: ping\n\ndata:\n\n${data({})}`;
    expect(read(`${pings}${data(chunk('a'))}${pings}${data(chunk('', 'stop'))}${pings}`).outcome).toBe(
      'complete',
    );
    expect(read(`error:\n\nerror: {}\n\nerror: null\n\n${data(chunk('a', 'stop'))}`).outcome).toBe(
      'complete',
    );
  });
});

describe('the end', () => {
  test.each([
    ['a finish reason', data(chunk('a', 'stop')), 'complete'],
    ['[DONE] alone', data(chunk('a'), '[DONE]'), 'complete'],
    ['[DONE] without data:', `${data(chunk('a'))}[DONE]\n`, 'complete'],
    ['DONE in quotes', `${data(chunk('a'))}data: "[DONE]"\n\n`, 'complete'],
    ['no line end after it', `${data(chunk('a'))}data: [DONE]`, 'complete'],
    ['a close in mid-answer', data(chunk('a')), 'truncated'],
    ['a finish reason that is the word null', data(chunk('a', 'null')), 'truncated'],
    ['usage alone', data(chunk('a'), { choices: [], usage: { prompt_tokens: 1 } }), 'truncated'],
    ['nothing at all', '', 'truncated'],
    ['comments only', ': hello\n\n', 'truncated'],
    ['a whole completion', '{"choices":[{"message":{"content":"a"}}]}', 'complete'],
    ['half a completion', '{"choices":[{"message":{"content":"a', 'truncated'],
    ['a page', '<html><body>Sign in</body></html>', 'truncated'],
    ['no output', data(chunk('', 'stop'), '[DONE]'), 'empty'],
  ])('with %s: %j is %s', (_, body, outcome) => {
    expect(read(body).outcome).toBe(outcome);
  });
});
