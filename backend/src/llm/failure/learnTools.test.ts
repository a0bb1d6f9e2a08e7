/** Tests the words with which servers refuse tools. */
import { describe, expect, test } from 'vitest';
import { fullForm } from '../wire/requestForm.ts';
import { learnForm } from './learnForm.ts';
import { refusalText } from './refusalText.ts';

const fields = ['model', 'messages', 'stream', 'max_tokens', 'user'];
const withTools = [...fields, 'tools', 'stop_server_tools_when'];
const learn = (body: unknown, status: number, sentFields: readonly string[]) =>
  learnForm(
    { status, text: refusalText(body) },
    { form: fullForm, fields: sentFields, limitTokens: 16_384, hasSystem: false, promptBytes: 60 },
  );
const openAi = (message: string, param: string | null = null) => ({
  error: { message, type: 'invalid_request_error', param, code: null },
});

describe('tools that are refused are left out, with the limit of their cost', () => {
  test.each<[string, unknown, number]>([
    ['OpenAI', openAi("Invalid value: 'openrouter:web_search'.", 'tools[0].type'), 400],
    ['Ollama', { error: 'registry.ollama.ai/library/gemma3:4b does not support tools' }, 400],
    ['OpenRouter', openAi('No endpoints found that support tool use.'), 404],
    [
      'vLLM',
      openAi('"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'),
      400,
    ],
    [
      'pydantic',
      {
        detail: [
          { type: 'literal_error', loc: ['body', 'tools', 0, 'type'], msg: "Input should be 'function'" },
        ],
      },
      422,
    ],
    ['a gateway', openAi('Unknown field: stop_server_tools_when'), 400],
  ])('%s', (_, body, status) => {
    expect(learn(body, status, withTools)).toMatchObject({
      form: { leftOut: ['stop_server_tools_when', 'tools'] },
      isWorthRetrying: true,
    });
  });

  test('but not in a request that has none, or for another reason', () => {
    expect(learn(openAi('This model does not support tools.'), 400, fields)).toBeNull();
    expect(learn(openAi('The prompt is empty.'), 400, withTools)).toBeNull();
    expect(learn(openAi('Too many tools.'), 429, withTools)).toBeNull();
  });
});
