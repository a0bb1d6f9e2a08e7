import { type FileReference, RillError } from '@rill/protocol';
import { expect, it } from 'vitest';
import { FileUploads } from './fileUploads.svelte.ts';
import { Uploader } from './uploader.ts';

it('gives a file to the target that takes it by itself: uploaded once, also when the target is out of reach at first', async () => {
  const uploads = new FileUploads(
    () => '',
    () => Promise.reject(new Error('This test makes its own.')),
  );
  const uploaded: string[] = [];
  const uploader = new Uploader({
    uploads,
    newId: () => 'u1',
    upload: async ({ name }) => {
      uploaded.push(name);
      return { id: 'f1', name } as FileReference;
    },
  });
  const taken: string[] = [];
  let isAway = true;
  const take = async ({ id }: FileReference) => {
    if (isAway) throw new RillError('internal', { isRetryable: true });
    taken.push(id);
  };
  uploader.add({ key: 'project:p1', take }, [new File(['text'], 'notes.txt', { type: 'text/plain' })]);
  await expect.poll(() => uploads.of('project:p1')[0]?.state).toBe('waiting');
  isAway = false;
  uploader.retry('u1');
  await expect.poll(() => uploads.list).toEqual([]);
  expect(taken).toEqual(['f1']);
  expect(uploaded).toEqual(['notes.txt']);
});
