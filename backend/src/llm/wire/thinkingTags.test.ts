/** Tests thinking that is written into the text of an answer, at every cut of the text. */
import { describe, expect, test } from 'vitest';
import { ThinkingTags } from './thinkingTags.ts';

interface Reading {
  content: string;
  reasoning: string;
  /** All content that was ever shown, including text that became thinking later. */
  shown: string;
}

function read(deltas: readonly string[]): Reading {
  const tags = new ThinkingTags();
  const reading: Reading = { content: '', reasoning: '', shown: '' };
  for (const part of [...deltas.flatMap((text) => tags.add(text)), ...tags.end()]) {
    if (part.type === 'moved') {
      reading.reasoning += reading.content.trim();
      reading.content = '';
    } else reading[part.type] += part.text;
    if (part.type === 'content') reading.shown += part.text;
  }
  return reading;
}

function expectAtEveryCut(text: string, expected: { content: string; reasoning: string }): void {
  const cuts = Array.from({ length: text.length }, (_, at) => [text.slice(0, at), text.slice(at)]);
  for (const deltas of [[text], [...text], ...cuts]) expect(read(deltas)).toMatchObject(expected);
}

describe('thinking', () => {
  test.each([
    ['<think>\nA < B so B wins.\n</think>\n\nB wins.', 'A < B so B wins.', 'B wins.'],
    ['<thinking>Hm</thinking>Yes', 'Hm', 'Yes'],
    ['\n\n<THINK>Hm</THINK>\nYes', 'Hm', 'Yes'],
    ['<thought>Hm</thought> Yes ', 'Hm', 'Yes '],
    ['<reasoning>Hm</reasoning>Yes', 'Hm', 'Yes'],
    ['<seed:think>Hm</seed:think>Yes', 'Hm', 'Yes'],
    ['[THINK]Hm[/THINK]Yes', 'Hm', 'Yes'],
    ['◁think▷Hm◁/think▷Yes', 'Hm', 'Yes'],
    ['<think></think>\n\nYes', '', 'Yes'],
    ['<think>\n\n</think>\n\nYes', '', 'Yes'],
    ['</think>\n\nYes', '', 'Yes'],
    ['<think>Still weighing both sides ', 'Still weighing both sides', ''],
    ['<think>a </thin b </think', 'a </thin b </think', ''],
    ['<think>He said "no"</think>Yes', 'He said "no"', 'Yes'],
    ['<think>The tag `</think>` closes it.\n</think>Yes', 'The tag `</think>` closes it.', 'Yes'],
    [
      '<think>So:\n```xml\n<think>x</think>\n```\nDone.</think>Yes',
      'So:\n```xml\n<think>x</think>\n```\nDone.',
      'Yes',
    ],
    [
      '<think>a\n\n\nb</think>Use <think> then </think>\n\nso.',
      'a\n\n\nb',
      'Use <think> then </think>\n\nso.',
    ],
  ])('in %j is separated from the text', (text, reasoning, content) => {
    expectAtEveryCut(text, { reasoning, content });
  });

  test.each([
    'Write it as `<think>` and close it with `</think>`. Nothing more.',
    '```xml\n<think>x</think>\n```\nThat is the format.',
    '    <thinker>Rodin</thinker>',
    '<thinkpad> is a laptop',
    '"<think>" is a tag, "</think>" closes it',
    'First <think>, then text, then </think>\n\nand more',
    'Close it with </think> and continue.',
    'In code:\n```\n</think>\n```\nso.',
    '< think > is none',
    'a < b and [1]',
    '<',
    '<thi',
    '  leading and trailing blanks  ',
    '\n\n',
    '',
  ])('is not found in %j, which is unchanged', (text) => {
    expectAtEveryCut(text, { reasoning: '', content: text });
  });

  test.each([
    ['A < B, so B.\n</think>\n\nB wins.', 'A < B, so B.', 'B wins.'],
    ['Hm.</think>\n\nYes', 'Hm.', 'Yes'],
    ['One.\n\nTwo.\n</think>', 'One.\n\nTwo.', ''],
  ])('without an opening tag in %j is all text before the closing one', (text, reasoning, content) => {
    expectAtEveryCut(text, { reasoning, content });
  });

  test('never delays text that cannot be a tag', () => {
    const tags = new ThinkingTags();
    expect(tags.add('<')).toEqual([]);
    expect(tags.add('b>bold</b>')).toEqual([{ type: 'content', text: '<b>bold</b>' }]);
    expect(tags.add('more ')).toEqual([{ type: 'content', text: 'more ' }]);
  });

  test('takes linear time with many blanks and quoted tags', () => {
    const loops = [
      ' '.repeat(200_000),
      `<think>${' \n'.repeat(100_000)}`,
      `<think>${'`</think>`'.repeat(20_000)}`,
    ];
    const startedAtMs = performance.now();
    for (const loop of loops) read(loop.match(/.{1,12}/gs) ?? []);
    // Quadratic, each of them takes tens of seconds.
    expect(performance.now() - startedAtMs).toBeLessThan(5000);
  });
});
