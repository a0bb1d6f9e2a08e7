import { type FileReference, RillError } from '@rill/protocol';
import { describe, expect, it } from 'vitest';
import { ProjectFiles } from './projectFiles.svelte.ts';

const file = (id: string): FileReference => ({
  id,
  name: `${id}.txt`,
  mediaType: 'text/plain',
  sizeBytes: 3,
  sha256: '',
  width: null,
  height: null,
  pageCount: null,
  estimatedTokens: 1,
});

/** A server with the files of one project, each answer of which waits until the test lets it go. */
function heldServer(...ids: string[]) {
  const server = { ids, isAway: false, calls: [] as string[] };
  const answer = async () => {
    if (server.isAway) throw new RillError('internal', { isRetryable: true });
    return { files: [...server.ids].sort().map(file) };
  };
  const files = new ProjectFiles(
    {
      listProjectFiles: () => {
        server.calls.push('list');
        return answer();
      },
      putProjectFiles: ({ fileIds }) => {
        server.calls.push(`put ${fileIds.join(' ')}`);
        if (!server.isAway) server.ids = fileIds;
        return answer();
      },
    },
    'p1',
  );
  const shown = () => files.list?.map(({ id }) => id);
  return { server, files, shown };
}

describe('the files of a project', () => {
  it('are changed one act after another, and what another tab added stays', async () => {
    const { server, files, shown } = heldServer('a', 'b');
    await files.read();
    expect(shown()).toEqual(['a', 'b']);
    server.ids.push('c');
    const acts = [files.remove(file('a')), files.remove(file('b')), files.add(file('d'))];
    expect(shown()).toEqual([]);
    await Promise.all(acts);
    expect(server.calls.slice(1)).toEqual(['list', 'put b c', 'list', 'put c', 'list', 'put c d']);
    expect(shown()).toEqual(['c', 'd']);
  });

  it('do not show a file again that is being removed, after an earlier response', async () => {
    const { files, shown } = heldServer('a', 'b');
    await files.read();
    const early = files.read();
    const removal = files.remove(file('b'));
    await early;
    expect(shown()).toEqual(['a']);
    expect(await removal).toBe(true);
    expect(shown()).toEqual(['a']);
  });

  it('are as before, in their order, when the server refuses a removal, which is reported', async () => {
    const { server, files, shown } = heldServer('a', 'b');
    await files.read();
    server.isAway = true;
    expect(await files.remove(file('a'))).toBe(false);
    expect(shown()).toEqual(['a', 'b']);
    expect(files.failure).not.toBeNull();
    server.isAway = false;
    await files.read();
    expect(files.failure).toBeNull();
  });

  it('have a file once, however often it is added', async () => {
    const { server, files, shown } = heldServer();
    await Promise.all([files.add(file('a')), files.add(file('a'))]);
    expect(server.ids).toEqual(['a']);
    expect(shown()).toEqual(['a']);
  });
});
