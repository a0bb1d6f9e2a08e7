import { expect, it, vi } from 'vitest';
import { LazyTemporaryStages, type TemporaryStages } from './temporaryStages.ts';

it('stages that could not be opened are opened again, and end with a server that never had any', async () => {
  const stages = { close: async () => undefined } as Partial<TemporaryStages> as TemporaryStages;
  const open = vi.fn(async () => stages).mockRejectedValueOnce(new Error('too many open files'));
  const temporary = new LazyTemporaryStages(open);
  await expect(temporary.open()).rejects.toThrow('too many open files');
  expect(temporary.opened).toBeNull();
  await temporary.close();
  expect(await temporary.open()).toBe(stages);
  expect(await temporary.open()).toBe(stages);
  expect(open).toHaveBeenCalledTimes(2);
});
