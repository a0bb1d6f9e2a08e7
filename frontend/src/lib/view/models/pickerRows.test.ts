import { expect, test } from 'vitest';
import { exampleModel } from '../../chat/chatTestBench.ts';
import { type PickerLists, pickerRows, unlistedModel } from './pickerRows.ts';

const models = Array.from({ length: 9 }, (_, index) => ({ ...exampleModel, id: `model-${index}` }));
const rows = (lists: Partial<PickerLists>) =>
  pickerRows({ found: models, pinned: [], recent: [], query: '', ...lists });
const shown = (lists: Partial<PickerLists>) =>
  rows(lists).map((row) => (row.type === 'heading' ? row.words : row.model.id));

test('pinned models and those that were chosen last stand above all models, each once', () => {
  const lists = { pinned: models.slice(4, 5), recent: models.slice(3, 5) };
  expect(shown(lists).slice(0, 6)).toEqual(['Pinned', 'model-4', 'Recent', 'model-3', 'All', 'model-0']);
  expect(new Set(rows(lists).map(({ key }) => key)).size).toBe(14);
});

test('what was searched for, and a short list, have no groups', () => {
  const recent = models.slice(0, 1);
  expect(shown({ query: 'model one', recent, pinned: recent })).toHaveLength(9);
  expect(shown({ found: models.slice(0, 4), recent, pinned: recent })).toHaveLength(4);
  expect(shown({})).toHaveLength(9);
});

test('any name that was typed can be chosen, below what was found', () => {
  expect(shown({ query: '@preset/writer', found: [] })).toEqual(['@preset/writer']);
  expect(shown({ query: 'model-1', found: models.slice(1, 2) })).toEqual(['model-1']);
  expect(shown({ query: 'model', found: models.slice(1, 2) })).toEqual(['model-1', 'model']);
  expect(shown({ query: 'two words', found: [] })).toEqual([]);
});

test('without a list there are the pinned models and those that were chosen last', () => {
  const [pinned, recent] = [[unlistedModel('@preset/writer')], [unlistedModel('a/b')]];
  expect(shown({ found: [], pinned, recent })).toEqual(['Pinned', '@preset/writer', 'Recent', 'a/b']);
  expect(shown({ found: models.slice(0, 3), pinned })).toEqual([
    '@preset/writer',
    'model-0',
    'model-1',
    'model-2',
  ]);
});
