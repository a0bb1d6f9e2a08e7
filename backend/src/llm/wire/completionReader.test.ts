import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { urlOf } from './completionChunk.ts';
import { CompletionReader, type LlmDelta } from './completionReader.ts';

const encode = (...events: (object | string)[]) =>
  Buffer.from(
    events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join(''),
  );
const delta = (fields: object, finish_reason: string | null = null) => ({
  choices: [{ index: 0, delta: fields, finish_reason }],
});

describe('the reader', () => {
  test('passes on the two halves of a surrogate pair as they arrive', () => {
    const reader = new CompletionReader();
    const deltas = reader.feed(
      Buffer.from(
        'data: {"choices":[{"delta":{"content":"\\ud83d"}}]}\n\ndata: {"choices":[{"delta":{"content":"\\ude00"}}]}\n\n',
      ),
    );
    expect(deltas.map((part) => ('text' in part ? part.text : '')).join('')).toBe('😀');
  });

  test('ignores everything after [DONE]', () => {
    const reader = new CompletionReader();
    expect(reader.feed(encode(' [DONE] ', delta({ content: 'late' }), { error: { code: 500 } }))).toEqual([]);
    expect(reader).toMatchObject({ isDone: true, error: null, hasDelta: false });
  });

  test('reads only choice 0', () => {
    const reader = new CompletionReader();
    const other = { choices: [{ index: 1, delta: { content: 'other' }, finish_reason: 'length' }] };
    expect(reader.feed(encode(other))).toEqual([]);
    expect(reader.finishReason).toBeNull();
  });

  test('treats a finish reason "error" without an error object as a failure, and prefers a later object', () => {
    const reader = new CompletionReader();
    reader.feed(encode(delta({}, 'error')));
    expect(reader.outcome).toBe('error');
    reader.feed(encode({ error: { code: 502 }, provider: 'P', choices: [] }));
    expect(reader.error).toEqual({ value: { code: 502 }, provider: 'P' });
  });

  test('finds an error inside the choice, and none in error: null', () => {
    const reader = new CompletionReader();
    reader.feed(encode({ ...delta({ content: 'a' }), error: null }));
    expect(reader.error).toBeNull();
    reader.feed(encode({ choices: [{ index: 0, error: { code: 429 } }] }));
    expect(reader.error?.value).toEqual({ code: 429 });
  });

  test('reads reasoning_content and multi-part content of other servers', () => {
    const reader = new CompletionReader();
    const deltas = reader.feed(
      encode(delta({ reasoning_content: 'Hm', content: [{ type: 'text', text: 'a' }, { text: 'b' }] })),
    );
    expect(deltas).toEqual([
      { type: 'reasoning', text: 'Hm' },
      { type: 'content', text: 'ab' },
    ]);
  });

  const textForms: readonly (readonly [string, object])[] = [
    ['under an index as text', { index: '0', delta: { content: 'Two boats.' } }],
    ['as the delta itself', { index: 0, delta: 'Two boats.' }],
    ['beside an empty delta', { index: 0, delta: {}, text: 'Two boats.' }],
    ['beside a delta with a role', { index: 0, delta: { role: 'assistant' }, text: 'Two boats.' }],
    ['as the value of a part', { delta: { content: [{ type: 'text', text: { value: 'Two boats.' } }] } }],
  ];
  test.each(textForms)('reads text %s', (_, choice) => {
    for (const choices of [[choice], choice]) {
      const reader = new CompletionReader();
      const deltas = reader.feed(encode({ choices }, '[DONE]'));
      expect(deltas).toEqual([{ type: 'content', text: 'Two boats.' }]);
      expect(reader.outcome).toBe('complete');
    }
  });

  test.each([
    { reasoning: [{ type: 'reasoning_text', text: 'Hm' }] },
    { reasoning: { summary: 'Hm' } },
    { reasoning_text: 'Hm' },
    { thinking: { content: 'Hm' } },
    { thinking_blocks: [{ type: 'thinking', thinking: 'Hm', signature: 's' }] },
    { reasoning_details: { type: 'reasoning.text', text: 'Hm' } },
    { reasoning_details: [{ type: 'text', text: 'Hm' }] },
    { reasoning_details: [{ text: 'Hm' }] },
    { reasoning_details: [{ type: 'thinking', thinking: 'Hm', signature: 's' }] },
    { reasoning_details: [{ type: 'reasoning.summary', summary: [{ type: 'summary_text', text: 'Hm' }] }] },
    { reasoning_details: [{ type: 'reasoning.encrypted', data: 'x', text: 'blob' }], reasoning: 'Hm' },
    { reasoning_content: 'Hm', thinking_blocks: [{ type: 'thinking', thinking: 'Hm' }] },
  ])('reads thinking in the form %j, once', (fields) => {
    const deltas = new CompletionReader().feed(encode(delta(fields)));
    expect(deltas).toEqual([{ type: 'reasoning', text: 'Hm' }]);
  });

  const picture = 'data:image/png;base64,AAAA';
  const long = `data:image/png;base64,${'A'.repeat(200_000)}`;
  test.each([picture, long])('reads pictures in any form: %.30s', (url) => {
    const forms = [
      { images: [{ type: 'image_url', image_url: { url } }] },
      { images: [{ type: 'image_url', image_url: url }] },
      { images: { image_url: { url } } },
      { images: [{ url }] },
      { images: [url] },
      { images: [{ type: 'image', b64_json: url.slice(url.indexOf(',') + 1) }] },
      { content: [{ type: 'image_url', image_url: { url } }] },
      { content: [{ type: 'output_image', image_url: url }] },
      { content: { type: 'image', url } },
    ];
    for (const form of forms) {
      const reader = new CompletionReader();
      const [images, ...others] = reader.feed(encode(delta(form, 'stop')));
      expect(
        images?.type === 'images' && images.images.map(urlOf),
        JSON.stringify(form).slice(0, 60),
      ).toEqual([url]);
      expect([others, reader.outcome]).toEqual([[], 'complete']);
    }
  });

  test('keeps a text that is a long data URL as text', () => {
    for (const content of [long, [long], [{ type: 'text', text: long }]]) {
      const deltas = new CompletionReader().feed(encode(delta({ content })));
      expect(deltas).toEqual([{ type: 'content', text: long }]);
    }
  });

  test('reads a source that has its address next to its type', () => {
    const source = { type: 'url_citation', url: 'https://example.org/', title: 'T', start_index: 0 };
    for (const annotations of [[source], source]) {
      expect(new CompletionReader().feed(encode(delta({ annotations })))).toEqual([
        { type: 'annotations', annotations: [{ url: 'https://example.org/', title: 'T' }] },
      ]);
    }
  });

  test('keeps the last usage that has figures', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 2 };
    for (const empty of [{}, { prompt_tokens: null, completion_tokens: null }]) {
      const reader = new CompletionReader();
      reader.feed(
        encode(delta({ content: 'a' }, 'stop'), { choices: [], usage }, { choices: [], usage: empty }),
      );
      expect(reader.usage).toEqual(usage);
    }
  });

  test('does not count sources without text as an answer', () => {
    const reader = new CompletionReader();
    const citation = { type: 'url_citation', url_citation: { url: 'https://example.org', title: 'T' } };
    reader.feed(encode(delta({ annotations: [citation, { type: 'file' }] }), delta({}, 'stop')));
    expect(reader).toMatchObject({ outcome: 'empty', hasDelta: true });
  });

  test('drops addresses that a page must not follow', () => {
    const reader = new CompletionReader();
    const annotations = [{ type: 'url_citation', url_citation: { url: 'javascript:alert(1)' } }];
    const images = [
      { image_url: { url: 'data:text/html,x' } },
      { image_url: { url: 'https://example.org/a.png' } },
    ];
    expect(reader.feed(encode(delta({ annotations, images })))).toEqual([
      { type: 'images', images: [{ url: 'https://example.org/a.png' }] },
    ]);
  });

  test('reads a line of 2 MB in 1 KiB parts in linear time', () => {
    const url = `data:image/png;base64,${'A'.repeat(2_000_000)}`;
    const bytes = encode(delta({ images: [{ type: 'image_url', image_url: { url } }] }));
    const reader = new CompletionReader();
    const startedAtMs = performance.now();
    const deltas: LlmDelta[] = [];
    for (let offset = 0; offset < bytes.length; offset += 1024) {
      deltas.push(...reader.feed(bytes.subarray(offset, offset + 1024)));
    }
    // Joining the parts again for each of them would copy 2 GB.
    expect(performance.now() - startedAtMs).toBeLessThan(500);
    const [images] = deltas;
    expect(images?.type === 'images' && images.images.map(urlOf)).toEqual([url]);
  });

  test('never throws on JSON of any shape', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.jsonValue(), (values, anything) => {
        const reader = new CompletionReader();
        const shaped = values.map((value) => ({
          choices: [{ delta: value, finish_reason: anything }],
          usage: value,
          id: anything,
        }));
        reader.feed(encode(...shaped, ...values.map((value) => JSON.stringify(value))));
      }),
    );
  });
});

describe('fragments of tool calls', () => {
  const callsOf = (...fragments: object[]) => {
    const reader = new CompletionReader();
    reader.feed(
      encode(
        ...fragments.map((fragment) => delta({ tool_calls: [fragment] })),
        delta({}, 'tool_calls'),
        delta({}, 'tool_calls'),
      ),
    );
    return reader.toolCalls;
  };

  test('are joined by index, and a second finish does not clear them', () => {
    expect(
      callsOf(
        { index: 1, id: 'b', function: { name: 'two', arguments: '' } },
        { index: 0, id: 'a', function: { name: 'one', arguments: '{' } },
        { index: 0, function: { arguments: '}' } },
      ),
    ).toEqual([
      { id: 'a', name: 'one', arguments: '{}' },
      { id: 'b', name: 'two', arguments: '' },
    ]);
  });

  const one = { id: 'a', function: { name: 'one', arguments: '{"x":1}' } };
  const two = { id: 'b', function: { name: 'two', arguments: '{"y":2}' } };
  const both = [
    { id: 'a', name: 'one', arguments: '{"x":1}' },
    { id: 'b', name: 'two', arguments: '{"y":2}' },
  ];
  test.each([
    [
      'each under index 0',
      [
        { index: 0, ...one },
        { index: 0, ...two },
      ],
    ],
    ['each without an index', [one, two]],
    [
      'under index null',
      [
        { index: null, ...one },
        { index: null, ...two },
      ],
    ],
    [
      'under indexes as text',
      [
        { index: '0', ...one },
        { index: '1', ...two },
      ],
    ],
    [
      'under index 0 in fragments that repeat the id',
      [
        { index: 0, id: 'a', function: { name: 'one', arguments: '' } },
        { index: 0, id: 'a', function: { arguments: '{"x":' } },
        { index: 0, id: 'a', function: { arguments: '1}' } },
        { index: 0, id: 'b', function: { name: 'two', arguments: '{"y"' } },
        { index: 0, id: 'b', function: { arguments: ':2}' } },
      ],
    ],
    [
      'in fragments of which only the first has index and id',
      [
        { index: 0, id: 'a', function: { name: 'one', arguments: '{"x":' } },
        { function: { arguments: '1}' } },
        { index: 1, id: 'b', function: { name: 'two', arguments: '{"y":' } },
        { function: { arguments: '2}' } },
      ],
    ],
    [
      'in fragments that alternate',
      [
        { index: 0, id: 'a', function: { name: 'one', arguments: '{"x"' } },
        { index: 1, id: 'b', function: { name: 'two', arguments: '{"y"' } },
        { index: 0, function: { arguments: ':1}' } },
        { index: 1, function: { arguments: ':2}' } },
      ],
    ],
    [
      'whose arguments are objects',
      [
        { id: 'a', function: { name: 'one', arguments: { x: 1 } } },
        { id: 'b', function: { name: 'two', arguments: { y: 2 } } },
      ],
    ],
  ])('of two calls become two calls: %s', (_, fragments) => {
    expect(callsOf(...fragments)).toEqual(both);
  });

  test('of two calls without ids and with one index become two calls', () => {
    const [first, second] = [one, two].map((call) => ({ index: 0, function: call.function }));
    expect(callsOf(first ?? {}, second ?? {})).toEqual(both.map((call) => ({ ...call, id: '' })));
  });

  test('without an index belong to the latest call until another id arrives', () => {
    expect(
      callsOf(
        { id: 'a', function: { name: 'one', arguments: '1' } },
        { function: { arguments: '2' } },
        { id: 'b', function: { name: 'two', arguments: '3' } },
      ),
    ).toEqual([
      { id: 'a', name: 'one', arguments: '12' },
      { id: 'b', name: 'two', arguments: '3' },
    ]);
  });
});
