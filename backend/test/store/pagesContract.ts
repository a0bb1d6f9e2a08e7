/** Defines that a complete list is the same for every page size, on any engine. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertProject, listProjects } from '../../src/store/projects.ts';
import { type Page, readAllPages } from '../../src/store/readAllPages.ts';
import { listOpenRunsOfProject } from '../../src/store/runs.ts';
import { localOwnerId } from '../../src/store/seed.ts';
import { listRequestForms, type StoredForm, saveRequestForm } from '../../src/store/storedForms.ts';
import { type OpenDatabase, storeRun } from '../testDatabase.ts';

export function describePages(open: () => Promise<OpenDatabase>): void {
  describe.each([1, 2, 3, 200])('a list that is read %i rows at a time', (limit) => {
    let test: OpenDatabase;
    beforeEach(async () => {
      test = await open();
    });
    afterEach(() => test.close());

    it('has every project of the owner, the oldest first, and none of another owner', async () => {
      const ids = ['a', 'b', 'c'];
      await test.database.transaction(async (transaction) => {
        const other = { id: 'other', name: 'Other', created_at_ms: 1 };
        await transaction.insertInto('owners').values(other).execute();
        for (const id of ids) {
          await insertProject(transaction, { id, ownerId: localOwnerId, name: id, nowMs: 1 });
          await insertProject(transaction, { id: `${id}-other`, ownerId: 'other', name: id, nowMs: 1 });
        }
      });
      const list = (page: Page<string>) => listProjects(test.database.reader, localOwnerId, page);
      const read = (await readAllPages(list, ({ id }) => id, limit)).map(({ id }) => id);
      expect(read).toEqual([test.projectId, ...ids].sort());
    });

    it('has every form that was learned, by server and model', async () => {
      const forms = ['a', 'b'].flatMap((server) =>
        ['m', 'n'].map((model): StoredForm => ({ server, model, form: `${server}${model}`, learnedAtMs: 1 })),
      );
      await test.database.transaction(async (transaction) => {
        for (const form of forms.toReversed()) await saveRequestForm(transaction, form);
      });
      const list = (page: Page<Pick<StoredForm, 'server' | 'model'>>) =>
        listRequestForms(test.database.reader, page);
      expect(await readAllPages(list, (form) => form, limit)).toEqual(forms);
    });

    it('has every open run of the project once', async () => {
      const ids: string[] = [];
      for (let index = 0; index < 3; index += 1) ids.push((await storeRun(test)).runId);
      await storeRun(test, { ended_at_ms: 5 });
      const list = (page: Page<string>) => listOpenRunsOfProject(test.database.reader, test.projectId, page);
      const read = (await readAllPages(list, ({ chat_id }) => chat_id, limit)).map(({ id }) => id);
      expect(read.sort()).toEqual(ids.sort());
    });
  });
}
