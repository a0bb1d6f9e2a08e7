import { expect, test } from 'vitest';
import { exampleModel } from '../../chat/chatTestBench.ts';
import { pickerRows } from './pickerRows.ts';

const models = Array.from({ length: 9 }, (_, index) => ({ ...exampleModel, id: `model-${index}` }));
const shown = (...parameters: Parameters<typeof pickerRows>) =>
  pickerRows(...parameters).map((row) => (row.type === 'heading' ? row.words : row.model.id));

test('models that were chosen last stand above all models', () => {
  const [, , third] = models;
  expect(shown(models, third ? [third] : [], false).slice(0, 4)).toEqual([
    'Recent',
    'model-2',
    'All',
    'model-0',
  ]);
  expect(new Set(pickerRows(models, models.slice(0, 3), false).map(({ key }) => key)).size).toBe(14);
});

test('what was searched for, and a short list, have no groups', () => {
  expect(shown(models, models.slice(0, 1), true)).toHaveLength(9);
  expect(shown(models.slice(0, 4), models.slice(0, 1), false)).toHaveLength(4);
  expect(shown(models, [], false)).toHaveLength(9);
});
