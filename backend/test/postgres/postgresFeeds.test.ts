/** Tests feeds of several processes on PostgreSQL: numbers are dense and in the order of the commits, whichever commits. */
import type { FeedEvent } from '@rill/protocol';
import { v7 as newId } from 'uuid';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { PostgresFeedStore } from '../../src/database/postgres/feedStore.ts';
import { openPostgresDatabase, type PostgresDatabase } from '../../src/database/postgres/postgresDatabase.ts';
import { StoredFeeds } from '../../src/delivery/feed/storedFeeds.ts';
import { localOwnerId } from '../../src/store/seed.ts';
import { postgresSettings } from './postgresSettingsOf.ts';
import {
  describeWithPostgres,
  openPostgresTestDatabase,
  type PostgresTestDatabase,
} from './postgresTestDatabase.ts';

const change = (projectId: string): FeedEvent => ({ type: 'project-delete', data: { projectId } });

describeWithPostgres('stored feeds in PostgreSQL', () => {
  let test: PostgresTestDatabase;
  let databases: PostgresDatabase[];
  beforeEach(async () => {
    test = await openPostgresTestDatabase();
    const open = () => openPostgresDatabase(postgresSettings(test.url));
    databases = [await open(), await open()];
  });
  afterEach(async () => {
    await Promise.all(databases.map((database) => database.close()));
    await test.close();
  });

  /** A process's feeds, whose transactions write what they publish. */
  function feedsOn(database: PostgresDatabase): { feeds: StoredFeeds; store: PostgresFeedStore } {
    const store = new PostgresFeedStore(database);
    const logger = { warn: () => undefined };
    const feeds = new StoredFeeds({
      store,
      bootId: newId(),
      clock: systemClock,
      logger,
      wake: () => undefined,
    });
    database.setLastWrite((transaction, afterCommit) => feeds.writePending(transaction, afterCommit));
    return { feeds, store };
  }
  const renameOwner = (database: PostgresDatabase, feeds: StoredFeeds, name: string) =>
    database.transaction(async (transaction, afterCommit) => {
      feeds.add(afterCommit, localOwnerId, [change(`${name}-a`), change(`${name}-b`)]);
      await transaction.updateTable('projects').set({ name }).where('id', '=', test.projectId).execute();
    });

  it('number the changes of concurrent transactions densely, with those of each together', async () => {
    const processes = databases.map((database) => ({ database, ...feedsOn(database) }));
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => {
        const { database, feeds } = processes[index % 2]!;
        return renameOwner(database, feeds, `p${index}`);
      }),
    );
    const events = await processes[0]!.store.readAfter([{ ownerId: localOwnerId, no: 0 }], 1000);
    expect(events.map(({ no }) => no)).toEqual(Array.from({ length: 80 }, (_, index) => index + 1));
    for (let index = 0; index < events.length; index += 2) {
      const [first, second] = events
        .slice(index, index + 2)
        .map(({ dataJson }) => JSON.parse(dataJson).projectId);
      expect([first, second]).toEqual([first, String(first).replace(/-a$/, '-b')]);
    }
    // The last that was committed is the last that is told.
    const { name } = await databases[0]!.reader
      .selectFrom('projects')
      .select('name')
      .where('id', '=', test.projectId)
      .executeTakeFirstOrThrow();
    expect(JSON.parse(events.at(-1)?.dataJson ?? '{}')).toEqual({ projectId: `${name}-b` });
    for (const { feeds } of processes) feeds.close();
  });

  it('are read without a gap while transactions commit', async () => {
    const [writing, reading] = databases.map((database) => ({ database, ...feedsOn(database) }));
    const seen: number[] = [];
    const state = { isWriting: true };
    const read = async (): Promise<void> => {
      while (state.isWriting || seen.length < 100) {
        const events = await reading!.store.readAfter([{ ownerId: localOwnerId, no: seen.at(-1) ?? 0 }], 7);
        seen.push(...events.map(({ no }) => no));
      }
    };
    const writes = Array.from({ length: 50 }, (_, index) =>
      renameOwner(writing!.database, writing!.feeds, `p${index}`),
    );
    await Promise.all([
      Promise.all(writes).finally(() => {
        state.isWriting = false;
      }),
      read(),
    ]);
    expect(seen).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    for (const each of [writing, reading]) each?.feeds.close();
  });

  it('have nothing of a transaction that was rolled back', async () => {
    const { feeds, store } = feedsOn(databases[0]!);
    const failing = databases[0]!.transaction(async (_transaction, afterCommit) => {
      feeds.add(afterCommit, localOwnerId, [change('p1')]);
      throw new Error('It was not to be.');
    });
    await expect(failing).rejects.toThrow('It was not to be.');
    await renameOwner(databases[0]!, feeds, 'p2');
    const { lastNo, events } = await store.load(localOwnerId);
    expect([lastNo, events.length]).toEqual([2, 2]);
    feeds.close();
  });

  it('have the same name for all processes, also when both ask first', async () => {
    const stores = databases.map((database) => new PostgresFeedStore(database));
    const loaded = await Promise.all(stores.map((store) => store.load(localOwnerId)));
    expect(loaded[0]).toEqual(loaded[1]);
    expect(loaded[0]).toMatchObject({ lastNo: 0, events: [] });
  });

  it('keep the newest thousand events, and none older than ten minutes', async () => {
    const store = new PostgresFeedStore(databases[0]!);
    for (let batch = 0; batch < 3; batch += 1)
      await store.appendAlone(
        localOwnerId,
        Array.from({ length: 400 }, () => ({ type: 'reset', dataJson: '{}' })),
      );
    await store.trim();
    const kept = await store.load(localOwnerId);
    expect([kept.lastNo, kept.events.length, kept.events[0]?.no]).toEqual([1200, 1000, 201]);
  });

  it('take any text', async () => {
    const store = new PostgresFeedStore(databases[0]!);
    const data = { title: 'a "quoted" \\ text\n\twith \u{1F600}, {braces}, a half \ud83d and a \u0000' };
    await store.appendAlone(localOwnerId, [{ type: 'chat-change', dataJson: JSON.stringify(data) }]);
    const { events } = await store.load(localOwnerId);
    expect(JSON.parse(events[0]?.dataJson ?? '{}')).toEqual(data);
  });
});
