/** What a model writes becomes a title only if it is one, in the script of the question. */
import { expect, test } from 'vitest';
import { readTitle, titleRequest } from './titlePrompt.ts';

test.each([
  ['Tides of the sea', 'How do tides work?', 'Tides of the sea'],
  ['"Tides of the Sea."', 'How do tides work?', 'Tides of the Sea'],
  ['**Title: Tides**\n\nThey rise.', 'How do tides work?', 'Tides'],
  ['Titel: Gezeiten', 'Wie entstehen Gezeiten?', 'Gezeiten'],
  ['标题：潮汐的成因', '潮汐是怎么形成的？', '潮汐的成因'],
  ['「潮の満ち引き」', '潮の満ち引きはなぜ起こるの？', '潮の満ち引き'],
  ['조석의 원리', '조석은 왜 생기나요?', '조석의 원리'],
  ['Причины приливов', 'Почему бывают приливы?', 'Причины приливов'],
  ['أسباب المد والجزر', 'ما سبب المد والجزر؟', 'أسباب المد والجزر'],
  ['Αιτίες της παλίρροιας', 'Τι προκαλεί την παλίρροια;', 'Αιτίες της παλίρροιας'],
  ['React 的状态管理', 'React 怎么管理状态？', 'React 的状态管理'],
  ['\n\nTides\nMore', 'How?', 'Tides'],
  ['Sorting (stable)', 'How do I sort?', 'Sorting (stable)'],
])('%j becomes a title of %j', (written, question, title) => {
  expect(readTitle(written, question)).toBe(title);
});

test.each([
  ['nothing', '', 'How do tides work?'],
  ['marks alone', '"**"', 'How do tides work?'],
  ['a refusal', "I'm sorry, but I can't help with that.", 'How do tides work?'],
  ['an answer', `Tides are caused by the moon ${'and the sun '.repeat(30)}`, 'How do tides work?'],
  ['English for Chinese', 'The cause of tides', '潮汐是怎么形成的？'],
  ['Chinese for English', '潮汐的成因', 'How do tides work?'],
])('%s is no title', (_, written, question) => {
  expect(readTitle(written, question)).toBeNull();
});

test('a title has at most 60 characters and no control or direction characters', () => {
  const title = readTitle(`Tides\u202e and ${'waves '.repeat(20)}`, 'How?') ?? '';
  expect([...title].length).toBeLessThanOrEqual(60);
  expect(title).toMatch(/^Tides and waves/);
});

test('a long question and answer are sent in part', () => {
  const [, message] = titleRequest('q'.repeat(10_000), 'a'.repeat(10_000));
  expect(message?.content.length).toBeLessThan(3000);
});
