import type { RunReceipt } from '@rill/protocol';
import { describe, expect, it } from 'vitest';
import { sentParts } from './sentParts.ts';

const receipt: RunReceipt = {
  model: 'demo/quick',
  instructions: 'Be brief.',
  options: null,
  maxTokens: null,
  sent: null,
};

describe('what was sent with an answer', () => {
  it('is shown once for parts with equal requests', () => {
    expect(sentParts([receipt, receipt])).toEqual([
      { heading: 'Instructions that were sent', instructions: 'Be brief.', rows: [] },
    ]);
  });

  it('is shown for each part with another request', () => {
    const parts = sentParts([receipt, receipt, { ...receipt, instructions: 'Go on.' }]);
    expect(parts.map(({ heading, instructions }) => [heading, instructions])).toEqual([
      ['Instructions that were sent with part 1', 'Be brief.'],
      ['Instructions that were sent with part 3', 'Go on.'],
    ]);
  });

  it('has the options that were sent, and leaves out what was not', () => {
    const options = { temperature: 0, reasoning: { effort: 'low' } } as const;
    expect(sentParts([{ ...receipt, instructions: '', options, maxTokens: 4096 }])[0]).toMatchObject({
      instructions: '',
      rows: [
        { name: 'Temperature', value: '0' },
        { name: 'Longest answer', value: '4,096 tokens' },
        { name: 'Thinking', value: 'low' },
      ],
    });
  });

  it('has the fields of the request as they were sent, each in words, and those without words by their names', () => {
    const sent = {
      model: 'a/b',
      models: ['c/d', 'e/f'],
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 4096,
      temperature: 0,
      reasoning: { effort: 'low', max_tokens: 2000 },
      provider: { order: ['azure', 'openai'], zdr: true, data_collection: 'deny' },
      tools: [{ type: 'openrouter:web_search', parameters: {} }],
      plugins: [{ id: 'file-parser', pdf: { engine: 'mistral-ocr' } }],
      verbosity: 'low',
    };
    const [part] = sentParts([{ ...receipt, options: { temperature: 1 }, sent }]);
    expect(part?.rows.map(({ name, value }) => `${name}: ${value}`)).toEqual([
      'Asked for: a/b',
      'Else: c/d, e/f',
      'Longest answer: 4,096 tokens',
      'Temperature: 0',
      'Thinking: low',
      'Thinking, at most: 2,000 tokens',
      'Providers, in order: azure, openai',
      'Only providers that keep nothing: Yes',
      'Collecting prompts: deny',
      'Tools: openrouter:web_search',
      'Plugins: file-parser: mistral-ocr',
      'verbosity: low',
    ]);
  });
});
