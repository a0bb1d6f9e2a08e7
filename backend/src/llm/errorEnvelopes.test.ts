/** Tests the errors of other servers, over real sockets: their messages and our codes, and hostile JSON. */
import { describe, expect, test } from 'vitest';
import { ask, chunk, data } from './dialectTestBench.ts';
import { failureOf } from './llmTestBench.ts';

const failureWith = async (status: number, body: object) =>
  failureOf(
    await ask((response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    }),
  );

describe('an error status', () => {
  const words = 'the worker went away';
  const envelopes: readonly unknown[] = [
    { error: { message: words } },
    { error: words },
    { error: { message: { detail: [{ msg: words }] } } },
    { error: JSON.stringify({ error: { message: words } }) },
    { errors: [{ message: words }] },
    { errors: [words] },
    { errors: { name: [words] } },
    { detail: words },
    { detail: [{ loc: ['body'], msg: words }] },
    { detail: { message: words } },
    { message: words },
    { msg: words, code: 1234 },
    { object: 'error', message: words, type: 'api_error' },
    { type: 'error', error: { type: 'api_error', message: words } },
    { statusCode: 1, error: 'Internal Server Error', message: words },
    { error_code: 7, error_msg: words },
    { base_resp: { status_code: 7, status_msg: words } },
    { success: false, errors: [{ code: 5007, message: words }] },
    [{ error: { message: words } }],
    { error: 'server_error', error_description: words },
    words,
    `data: ${JSON.stringify({ error: { message: words } })}\n\n`,
    `event: error\ndata: ${JSON.stringify({ message: words })}\n\n`,
  ];
  test.each(envelopes)("is reported with the server's message from %j", async (body) => {
    const collected = await ask((response) => {
      response.writeHead(500, { 'content-type': 'application/json' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
    const failure = failureOf(collected);
    expect(failure.report.providerError?.message).toBe(words);
    expect(failure.message).toBe(
      `The model provider is not reachable or failed. The provider says: ${words}.`,
    );
  });

  test.each([
    [400, 'provider_rejected', false],
    [401, 'provider_auth', false],
    [402, 'provider_rejected', false],
    [403, 'provider_rejected', false],
    [404, 'provider_rejected', false],
    [408, 'provider_unavailable', true],
    [413, 'provider_rejected', false],
    [422, 'provider_rejected', false],
    [429, 'provider_rate_limited', true],
    [500, 'provider_unavailable', true],
    [503, 'provider_unavailable', true],
    [529, 'provider_unavailable', true],
  ] as const)('%i decides where the body has only a type for anything', async (status, code, isRetryable) => {
    for (const type of ['api_error', 'server_error', 'invalid_request_error', 'error', null]) {
      const collected = await ask((response) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ error: { message: 'Oh no', type, param: null, code: null } }));
      });
      expect(failureOf(collected)).toMatchObject({ code, isRetryable });
    }
  });

  test.each([
    [500, { error: { message: 'slow down', code: 'rate_limit_exceeded' } }, 'provider_rate_limited', true],
    [400, { error: { message: 'busy', type: 'overloaded_error' } }, 'provider_unavailable', true],
    [429, { error: { message: 'pay', code: 'insufficient_quota' } }, 'provider_rejected', false],
    [200, { error: { message: 'slow down', code: '429' } }, 'provider_rate_limited', true],
    [200, { error: { message: 'no', code: 401 } }, 'provider_auth', false],
    [200, { error: { message: 'no', status: 'UNAUTHENTICATED' } }, 'provider_auth', false],
    [200, { error: { message: 'slow', status: 'RESOURCE_EXHAUSTED' } }, 'provider_rate_limited', true],
    [200, { error: { message: 'slow', type: 'RateLimitError' } }, 'provider_rate_limited', true],
    [200, { status: 429, error: { message: 'slow' } }, 'provider_rate_limited', true],
    [200, { detail: 'Too many requests' }, 'provider_rate_limited', true],
    [200, { error: { code: 5007, message: 'odd' } }, 'provider_unavailable', true],
  ] as const)('%i with %j is %s', async (status, body, code, isRetryable) => {
    const collected = await ask((response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
    expect(failureOf(collected)).toMatchObject({ code, isRetryable });
  });

  test.each([
    ['a prompt that was flagged', { code: 403, message: 'Your input was flagged' }],
    [
      'a guardrail',
      { code: 403, message: 'The prompt contains an API key', metadata: { patterns: ['key'] } },
    ],
    [
      'a prompt, by its word',
      { code: 403, message: 'Flagged', metadata: { error_type: 'permission_denied' } },
    ],
    ['a spent budget', { code: 403, message: 'This API key has spent its budget of this month.' }],
    ['a spent limit', { code: 403, message: 'Key limit exceeded (total limit). Manage it in the settings.' }],
    [
      'a country',
      {
        code: 'unsupported_country_region_territory',
        message: 'Country, region, or territory not supported',
        type: 'request_forbidden',
      },
    ],
    ['a region', { message: 'Access denied: your API key cannot be used from this region.' }],
    ['a network', { message: 'Access denied due to Virtual Network/Firewall rules.' }],
    ['no right to a model', { message: "You don't have access to this deployment." }],
  ])('403 for %s is reported to the user', async (_, error) => {
    const failure = await failureWith(403, { error });
    expect(failure).toMatchObject({ code: 'provider_rejected', isRetryable: false });
    expect(failure.message).toContain(error.message);
  });

  test.each([
    { message: 'Invalid API key' },
    { message: 'Your API key does not have permission to use this resource.', type: 'permission_error' },
    { message: 'Your API key was reported as leaked.', status: 'PERMISSION_DENIED', code: 403 },
    { message: 'The security token included in the request is invalid.', __type: 'AccessDenied' },
    { message: 'Forbidden', metadata: { error_type: 'authentication' } },
    { message: 'No', code: 'invalid_api_key' },
  ])('403 that is about the key is reported to the operator: %j', async (error) => {
    const failure = await failureWith(403, { error });
    expect(failure).toMatchObject({ code: 'provider_auth', isRetryable: false });
    expect(failure.message).not.toContain(error.message);
  });

  test.each([
    [404, { error: { message: 'model "x" not found, try pulling it first', type: 'api_error' } }],
    [
      404,
      { error: { message: 'The model `x` does not exist or you have no access.', code: 'model_not_found' } },
    ],
    [404, { object: 'error', message: 'The model `x` does not exist.', type: 'NotFoundError', code: 404 }],
    [404, { error: { message: 'No endpoints found for some/model.', code: 404 } }],
    [404, { type: 'error', error: { type: 'not_found_error', message: 'model x was not found' } }],
    [403, { error: { message: 'The project has no access to model `x`', code: 'model_not_found' } }],
    [400, { error: { message: 'some/model is not a valid model ID', code: 400 } }],
    [400, { object: 'error', message: 'Invalid model: x', type: 'invalid_model', code: '1500' }],
    [422, { detail: 'Unknown model x' }],
    [200, { error: 'model "x" not found' }],
    [200, { error: { code: 404, message: 'no such model' } }],
  ])('%i with %j means an unknown model and is never retried', async (status, body) => {
    expect(await failureWith(status, body)).toMatchObject({ code: 'model_not_found', isRetryable: false });
  });

  test.each([
    [404, { error: { message: 'no such deployment', code: 404 } }, 'provider_rejected'],
    [404, { error: { message: 'The data policy leaves no endpoint for a/b.' } }, 'no_provider_left'],
    [404, { error: { message: 'No endpoints found that support tool use' } }, 'provider_rejected'],
    [400, { error: { message: 'Invalid model parameter: top_k' } }, 'provider_rejected'],
    [503, { error: { message: 'model x not found on any worker yet' } }, 'provider_unavailable'],
  ])('%i with %j has another cause', async (status, body, code) => {
    expect(await failureWith(status, body)).toMatchObject({ code });
  });

  test.each(['<html><body>10.0.0.1</body></html>', '\u0000\u0001', '', '{"error":{"mess', '\n'])(
    'shows nothing of %j',
    async (body) => {
      const collected = await ask((response) => {
        response.writeHead(502);
        response.end(body);
      });
      expect(failureOf(collected).message).toBe('The model provider is not reachable or failed.');
    },
  );
});

describe('JSON nested thousands deep', () => {
  const depth = 20_000;
  const deep = `${'['.repeat(depth)}${']'.repeat(depth)}`;
  const deepObject = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  const fields = [
    (json: string) => `{"choices":[],"usage":{"prompt_tokens":1,"x":${json}}}`,
    (json: string) => `{"choices":[{"index":0,"delta":{"reasoning_details":[{"type":"x","data":${json}}]}}]}`,
    (json: string) => `{"choices":[{"index":0,"delta":{"content":${json}}}]}`,
    (json: string) => `{"choices":[{"index":0,"delta":{"annotations":[${json}],"images":[${json}]}}]}`,
    (json: string) =>
      `{"choices":[{"index":0,"delta":{"tool_calls":[{"function":{"name":"f","arguments":${json}}}]}}]}`,
    (json: string) => `{"choices":[],"unknown":${json}}`,
    (json: string) => `{"choices":[{"index":0,"message":{"content":${json}}}]}`,
  ];
  test.each(fields.flatMap((field) => [field(deep), field(deepObject)]))(
    'is ignored in the stream: %.60s',
    async (line) => {
      const { content, thrown } = await ask((response) => {
        response.end(`${data(chunk('Two'))}data: ${line}\n\n${data(chunk(' boats.', 'stop'))}`);
      });
      expect({ content, thrown }).toEqual({ content: 'Two boats.', thrown: null });
    },
  );

  test.each([
    deep,
    `{"error":${deep}}`,
    `{"error":${deepObject}}`,
    `{"detail":${deep}}`,
    `{"message":${deepObject}}`,
  ])('in an error still fails with a code: %.40s', async (body) => {
    for (const status of [500, 200]) {
      const collected = await ask((response) => {
        response.writeHead(status);
        response.end(body);
      });
      expect(['provider_unavailable', 'provider_protocol']).toContain(failureOf(collected).code);
    }
  });
});
