/** Defines that a file stays as long as something has it, and is then deleted once, on any engine. */
import type { FileReference } from '@rill/protocol';
import { v7 as newId } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findFileAnnotations, saveFileAnnotation } from '../../src/store/files/fileAnnotations.ts';
import {
  deleteExpiredFiles,
  deleteUnusedFile,
  findFiles,
  getFile,
  hasContent,
  insertFile,
} from '../../src/store/files/files.ts';
import { listProjectFiles, setProjectFiles } from '../../src/store/files/projectFiles.ts';
import { localOwnerId } from '../../src/store/seed.ts';
import { putDraft } from '../../src/store/unsent/drafts.ts';
import { deleteChat, type OpenDatabase, storeChat, storeMessage } from '../testDatabase.ts';

/** A file with a content of its own. */
const sampleFile = (id: string): FileReference => ({
  id,
  name: 'notes.txt',
  mediaType: 'text/plain',
  sizeBytes: 5,
  sha256: id,
  width: null,
  height: null,
  pageCount: null,
  estimatedTokens: 2,
});

export function describeFiles(open: () => Promise<OpenDatabase>): void {
  describe('a file', () => {
    let test: OpenDatabase;
    beforeEach(async () => {
      test = await open();
    });
    afterEach(() => test.close());

    const store = async (keptUntilMs = 10) => {
      const reference = sampleFile(newId());
      const file = { ownerId: localOwnerId, reference, keptUntilMs, nowMs: 1 };
      await test.database.transaction((transaction) => insertFile(transaction, file));
      return reference;
    };
    const expire = (nowMs: number) =>
      test.database.transaction((transaction) => deleteExpiredFiles(transaction, { nowMs, limit: 10 }));

    it('is found by its owner only', async () => {
      const file = await store();
      expect(await getFile(test.database.reader, localOwnerId, file.id)).toEqual(file);
      await expect(getFile(test.database.reader, 'other', file.id)).rejects.toMatchObject({
        code: 'not_found',
      });
      expect(await findFiles(test.database.reader, localOwnerId, ['gone', file.id, file.id])).toEqual([file]);
    });

    it('that nothing has is deleted when its time is over, and not before', async () => {
      const [early, late] = [await store(10), await store(20)];
      expect(await expire(10)).toEqual([]);
      expect(await expire(11)).toEqual([early.sha256]);
      expect(await hasContent(test.database.reader, late.sha256)).toBe(true);
      expect(await expire(21)).toEqual([late.sha256]);
      expect(await hasContent(test.database.reader, late.sha256)).toBe(false);
    });

    it('stays with a message until its chat is deleted for good', async () => {
      const file = await store();
      const key = await storeChat(test);
      const message = await storeMessage(test, key.chatId, { role: 'user', files: [file] });
      expect(message.files).toEqual([file]);
      expect(await expire(100)).toEqual([]);
      const remove = test.database.transaction((transaction) =>
        deleteUnusedFile(transaction, localOwnerId, file.id),
      );
      await expect(remove).rejects.toMatchObject({ code: 'file_in_use' });
      await test.database.transaction((transaction) => deleteChat(transaction, key));
      expect(await expire(100)).toEqual([file.sha256]);
    });

    it('stays with a draft and with a project, and a while after', async () => {
      const file = await store();
      const key = await storeChat(test);
      const put = (fileIds: string[], revision: number) =>
        test.database.transaction((transaction) =>
          putDraft(transaction, key, { content: 'x', baseRevision: revision, writer: 'a', fileIds }, 5),
        );
      await put([file.id], 0);
      expect(await expire(100)).toEqual([]);
      await put([], 1);
      expect(await expire(100)).toEqual([]);
      const setFiles = (fileIds: string[]) =>
        test.database.transaction((transaction) =>
          setProjectFiles(transaction, { ownerId: localOwnerId, projectId: test.projectId }, fileIds, 50),
        );
      expect(await setFiles([file.id])).toEqual([file]);
      expect(await expire(100)).toEqual([]);
      await setFiles([]);
      expect(await listProjectFiles(test.database.reader, test.projectId)).toEqual([]);
      expect(await expire(50)).toEqual([]);
      expect(await expire(51)).toEqual([file.sha256]);
    });

    it('has what was read in it until it is deleted', async () => {
      const file = await store();
      const save = (text: string) =>
        test.database.transaction((transaction) =>
          saveFileAnnotation(transaction, file.id, { text }, 'text'),
        );
      await save('first');
      await save('second');
      const found = () => findFileAnnotations(test.database.reader, [file.id, 'gone'], 'text');
      expect([...(await found())]).toEqual([[file.id, { text: 'second' }]]);
      await expire(11);
      expect((await found()).size).toBe(0);
      await save('too late');
      expect((await found()).size).toBe(0);
    });
  });
}
