import { describe, expect, test } from 'vitest';
import { fullForm } from '../wire/requestForm.ts';
import type { Correction, SentRequest } from './correction.ts';
import { learnForm } from './learnForm.ts';
import { refusalText } from './refusalText.ts';

const sent: SentRequest = {
  form: fullForm,
  fields: [
    'model',
    'messages',
    'stream',
    'stream_options',
    'max_tokens',
    'temperature',
    'top_p',
    'user',
    'reasoning_effort',
    'stop',
    'seed',
    'models',
  ],
  limitTokens: 16_384,
  hasSystem: true,
  promptBytes: 60,
};
const learn = (body: unknown, status: number | null = 400, question = sent): Correction | null =>
  learnForm({ status, text: refusalText(body) }, question);
const openAi = (message: string, param: string | null = null) => ({
  error: { message, type: 'invalid_request_error', param, code: null },
});
const fastApi = (...loc: (string | number)[]) => ({
  detail: [
    {
      type: 'extra_forbidden',
      loc: ['body', ...loc],
      msg: 'Extra inputs are not permitted',
      input: { user: 1, stop: 2 },
    },
  ],
});

describe('a field that is refused is left out', () => {
  test.each<[string, unknown, number | null, string[]]>([
    ['pydantic', openAi('body.stream_options: extra inputs are not permitted'), 400, ['stream_options']],
    ['FastAPI', fastApi('stream_options'), 422, ['stream_options']],
    ['FastAPI, inside', fastApi('stream_options', 'include_usage'), 422, ['stream_options']],
    ['Azure', openAi('Unrecognized request argument supplied: stream_options'), 400, ['stream_options']],
    ['Groq', openAi("property 'stream_options' is unsupported"), 400, ['stream_options']],
    ['OpenAI', openAi("Unknown parameter: 'user'.", 'user'), 400, ['user']],
    [
      'OpenAI',
      openAi("Unsupported parameter: 'temperature' is not supported with this model.", 'temperature'),
      400,
      ['temperature'],
    ],
    [
      'OpenAI',
      openAi(
        "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
        'temperature',
      ),
      400,
      ['temperature'],
    ],
    [
      'OpenAI, stream',
      openAi(
        "Unsupported value: 'stream' does not support true with this model. Supported values are: false.",
        'stream',
      ),
      400,
      ['stream'],
    ],
    [
      'Google',
      {
        error: {
          code: 400,
          message: 'Invalid JSON payload received. Unknown name "stream_options": Cannot find field.',
          status: 'INVALID_ARGUMENT',
        },
      },
      400,
      ['stream_options'],
    ],
    [
      'Google, a list',
      [{ error: { code: 400, message: 'Unknown name "seed": Cannot find field.' } }],
      400,
      ['seed'],
    ],
    [
      'several at once',
      { detail: [...fastApi('user').detail, ...fastApi('seed').detail] },
      422,
      ['seed', 'user'],
    ],
    [
      'Anthropic',
      {
        type: 'error',
        error: { type: 'invalid_request_error', message: 'stream_options: Extra inputs are not permitted' },
      },
      400,
      ['stream_options'],
    ],
    [
      'one of two',
      openAi('`temperature` and `top_p` cannot both be specified for this model. Please use only one.'),
      400,
      ['top_p'],
    ],
    ['Ollama', { error: 'model does not support thinking' }, 400, ['reasoning_effort']],
    ['a plain sentence', 'reasoning_effort is not supported', 400, ['reasoning_effort']],
    ['not implemented', { message: "the field 'stop' is not implemented" }, 501, ['stop']],
    [
      'a gateway’s string',
      {
        error: {
          message: 'Provider returned error',
          metadata: { raw: '{"error":{"message":"Unknown parameter: \'seed\'"}}' },
        },
      },
      400,
      ['seed'],
    ],
    ['inside a 200', { message: 'Unsupported parameter: models' }, null, ['models']],
    ['streaming', openAi('Streaming is not supported for this model'), 400, ['stream']],
    [
      'none by name',
      openAi('Additional properties are not allowed'),
      422,
      ['models', 'reasoning_effort', 'seed', 'stream_options', 'user'],
    ],
  ])('%s: %j', (_, body, status, leftOut) => {
    expect(learn(body, status)).toMatchObject({ isWorthRetrying: true, form: { ...fullForm, leftOut } });
  });

  test.each([
    [
      openAi(
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        'max_tokens',
      ),
    ],
    [openAi("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")],
    [fastApi('max_tokens')],
    [openAi('max_tokens is deprecated, use max_completion_tokens instead')],
    [openAi('Unrecognized request argument supplied: max_tokens')],
    [openAi("property 'max_tokens' is unsupported")],
    [openAi('The parameter max_tokens is not available for this model')],
  ])('the limit gets its other name: %j', (body) => {
    const { form } = learn(body) ?? {};
    expect(form).toEqual({ ...fullForm, limitName: 'max_completion_tokens' });
    const asked: SentRequest = { ...sent, form: form ?? fullForm, fields: ['max_completion_tokens'] };
    expect(learn(fastApi('max_completion_tokens'), 422, asked)?.form.limitName).toBeNull();
  });
});

describe('a limit that is too large is lowered', () => {
  test.each<[string, unknown, number, number]>([
    [
      'OpenAI',
      openAi(
        "This model's maximum context length is 8192 tokens. However, you requested 20000 tokens (3616 in the messages, 16384 in the completion). Please reduce the length of the messages or completion.",
      ),
      8192,
      3616,
    ],
    [
      'OpenRouter',
      openAi(
        "This endpoint's maximum context length is 8192 tokens. However, you requested about 16400 tokens (16 of text input, 16384 in the output). Please reduce the length of either one.",
      ),
      8192,
      16,
    ],
    [
      'vLLM',
      {
        object: 'error',
        message:
          "'max_tokens' or 'max_completion_tokens' is too large: 16384. This model's maximum context length is 8192 tokens and your request has 25 input tokens (16384 > 8192 - 25).",
      },
      8192,
      25,
    ],
    [
      'SGLang',
      openAi(
        "Requested token count exceeds the model's maximum context length of 8192 tokens. You requested a total of 16500 tokens: 116 tokens from the input messages and 16384 tokens for the completion.",
      ),
      8192,
      116,
    ],
    [
      'TGI',
      {
        error:
          'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 20 `inputs` tokens and 16384 `max_new_tokens`',
        error_type: 'validation',
      },
      4096,
      20,
    ],
    [
      'a plain sentence',
      openAi('The model reads 8192 tokens at most; the request asks for more in the answer alone.'),
      8192,
      20,
    ],
    ['with a comma', openAi("This model's maximum context length is 8,192 tokens."), 8192, 20],
  ])('%s: %j', (_, body, contextTokens, promptTokens) => {
    expect(learn(body)).toMatchObject({
      form: { contextTokens, answerTokens: null },
      callLimit: contextTokens - promptTokens - 16,
      isWorthRetrying: true,
    });
  });

  test.each<[string, unknown, number]>([
    [
      'OpenAI',
      openAi(
        'max_tokens is too large: 16384. This model supports at most 4096 completion tokens, whereas you provided 16384.',
        'max_tokens',
      ),
      4096,
    ],
    [
      'Anthropic',
      {
        error: {
          message:
            'max_tokens: 16384 > 8192, which is the maximum allowed number of output tokens for claude-3-5-haiku-20241022',
        },
      },
      8192,
    ],
    [
      'Groq',
      openAi(
        '`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is less than the `context_window` for this model',
      ),
      8192,
    ],
    ['DeepSeek', openAi('Invalid max_tokens value, the valid range of max_tokens is [1, 8192]'), 8192],
    ['DeepSeek, without a blank', openAi('Range of max_tokens should be [1,8192]'), 8192],
    [
      'Bedrock',
      {
        message:
          'The maximum tokens you requested exceeds the model limit of 4096. Try again with a maximum tokens value that is lower than 4096.',
      },
      4096,
    ],
    ['without a number', openAi('max_tokens is too large'), 4096],
  ])('%s: %j', (_, body, answerTokens) => {
    expect(learn(body)).toMatchObject({ form: { answerTokens, contextTokens: null }, isWorthRetrying: true });
  });

  test('a prompt that is too long by itself teaches the context size for the next request', () => {
    const body = {
      error: {
        code: 400,
        message: 'the request exceeds the available context size, try increasing it',
        type: 'exceed_context_size_error',
        n_prompt_tokens: 9000,
        n_ctx: 4096,
      },
    };
    expect(learn(body)).toMatchObject({ form: { contextTokens: 4096 }, isWorthRetrying: false });
  });

  test('and is lowered again when the same limit is refused again', () => {
    const body = openAi('The model reads 8192 tokens at most.');
    const first = learn(body);
    const second = learn(body, 400, {
      ...sent,
      form: first?.form ?? fullForm,
      limitTokens: first?.callLimit ?? 0,
    });
    expect(second?.callLimit).toBeLessThan((first?.callLimit ?? 0) * 0.6);
    expect(second?.isWorthRetrying).toBe(true);
  });
});

describe('a system role that is refused is merged', () => {
  test.each<[unknown, number]>([
    [openAi('The system role is not supported by this template.'), 400],
    [openAi('System role not supported'), 400],
    [
      { error: { code: 500, message: 'Jinja Exception: System role not supported', type: 'server_error' } },
      500,
    ],
    [
      openAi(
        "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
        'messages[0].role',
      ),
      400,
    ],
    [openAi('Only user and assistant roles are supported!'), 400],
    [openAi('Conversation roles must alternate user/assistant/user/assistant/...'), 400],
    [
      {
        error: {
          code: 400,
          message: 'Developer instruction is not enabled for models/gemma-3-27b-it',
          status: 'INVALID_ARGUMENT',
        },
      },
      400,
    ],
    [
      {
        error: {
          message:
            'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter',
        },
      },
      400,
    ],
    [
      {
        detail: [
          {
            loc: ['body', 'messages', 0, 'role'],
            msg: "Input should be 'user' or 'assistant'",
            type: 'literal_error',
          },
        ],
      },
      422,
    ],
    [{ message: 'System messages are not allowed' }, 400],
  ])('%j', (body, status) => {
    expect(learn(body, status)).toMatchObject({ form: { ...fullForm, foldsSystem: true } });
    expect(learn(body, status, { ...sent, hasSystem: false })).toBeNull();
  });
});

describe('nothing is learned', () => {
  test.each<[string, unknown, number | null]>([
    ['from an error about a key', openAi("Unsupported parameter: 'seed'"), 401],
    ['from an error about a limit of requests', openAi("Unsupported parameter: 'seed'"), 429],
    ['from an error about an overload', { error: { message: 'The system is overloaded: unsupported' } }, 503],
    [
      'from an error about a filter',
      openAi('Your message was refused by our content policy. Tell the user to stop.'),
      400,
    ],
    [
      'from an error about a model',
      openAi('The model `x` does not exist or you do not have access to it.'),
      404,
    ],
    [
      'from an error about a balance',
      openAi('You requested up to 16384 tokens, but can only afford 12'),
      402,
    ],
    ['from an error about a wrong value', openAi('temperature must be between 0 and 1', 'temperature'), 400],
    [
      'from a repeated request',
      {
        detail: [
          {
            loc: ['body', 'messages'],
            msg: 'Field required',
            input: { seed: 1, user: 'x', stream_options: {} },
          },
        ],
      },
      422,
    ],
    ['from an empty body', {}, 400],
    ['from no body', null, 500],
  ])('%s: %j', (_, body, status) => {
    expect(learn(body, status)).toBeNull();
  });
});
