/**
 * Tests how Postgres executes the store's queries. Each is prepared while its tables have a few rows, and is still walking
 * indexes when they have many: by the statistics of then, and by its first plan.
 */
import { sampleUsage } from '@rill/protocol/conformance/sampleEntities.ts';
import pg from 'pg';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { postgresSettings } from '../../../test/postgres/postgresSettingsOf.ts';
import {
  describeWithPostgres,
  type FreshDatabase,
  makeFreshDatabase,
} from '../../../test/postgres/postgresTestDatabase.ts';
import { generationRow, type StoredRun, storeRun } from '../../../test/testDatabase.ts';
import { countMarkedChats, listChats, listMarkedChats } from '../../store/chats/chatPages.ts';
import { findOwnChat, getChat, updateChat } from '../../store/chats/chats.ts';
import { noteEndedAnswer } from '../../store/chats/endedAnswers.ts';
import { getShownHead, listBranchTexts, weighBranch } from '../../store/messageParts.ts';
import { finishMessage, insertMessage, listBranch } from '../../store/messages.ts';
import { listModelSpeeds } from '../../store/models/modelSpeeds.ts';
import { monthOf, readBudget } from '../../store/money/budgets.ts';
import { listRecentCounts } from '../../store/money/recentCounts.ts';
import { insertAnswerUsage, listUsageEntries } from '../../store/money/usageEntries.ts';
import {
  claimFencedRuns,
  isOwned,
  listClaimableRuns,
  listOpenRunIds,
  listRunIdsOwnedElsewhere,
} from '../../store/runLeases.ts';
import {
  closeGenerations,
  countOpenRuns,
  findActiveRun,
  findSendKey,
  getRun,
  insertRun,
  insertSendKey,
  listGenerations,
  listMarkedRuns,
  listRunStates,
  markRunEnded,
  saveGeneration,
} from '../../store/runs.ts';
import { localOwnerId as ownerId, seedDatabase } from '../../store/seed.ts';
import { addQueued, findNextQueued, getQueue } from '../../store/unsent/chatQueues.ts';
import { getDraft, putDraft } from '../../store/unsent/drafts.ts';
import { claimDueLookups, findNextLookupMs } from '../../store/usageLookups.ts';
import type { Queryable, WriteTransaction } from '../database.ts';
import { PostgresFeedStore } from './feedStore.ts';
import { openPostgresDatabase, type PostgresDatabase } from './postgresDatabase.ts';
import { toQueryable } from './postgresQueries.ts';
import { findTexts } from './search/postgresTextSearch.ts';

const growing = [
  ...['chats', 'messages', 'runs', 'generations', 'send_keys', 'usage_entries', 'search_texts'],
  ...['feed_events', 'owner_feeds', 'drafts', 'chat_queues', 'queued_messages', 'files', 'file_uses'],
];

interface Planned {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

describeWithPostgres('the plans of the store', () => {
  let fresh: FreshDatabase;
  let database: PostgresDatabase;
  let client: pg.Client;
  let stored: StoredRun;
  const projectId = newId();
  const planned: Planned[] = [];

  beforeAll(async () => {
    fresh = await makeFreshDatabase();
    database = await openPostgresDatabase(postgresSettings(fresh.url));
    await database.transaction((transaction) => seedDatabase(transaction, { projectId, nowMs: 1 }));
    client = new pg.Client({ connectionString: fresh.url });
    await client.connect();
    for (const table of growing) await client.query(`ALTER TABLE ${table} SET (autovacuum_enabled = off)`);
    stored = await storeRun({ database, projectId, close: async () => undefined });
    await client.query('ANALYZE');
    await adoptSettings();
    await client.query('BEGIN');
    await useStore(recording());
    await client.query('ROLLBACK');
    for (const { name, text } of planned) await client.query(`PREPARE ${name} AS ${text}`);
    for (const each of planned) await planOf(each);
    await grow();
  }, 60_000);
  afterAll(async () => {
    await client.end();
    await database.close();
    await fresh.giveBack(true);
  });

  /** The settings that plans of the store are made with. */
  async function adoptSettings(): Promise<void> {
    for (const name of ['enable_seqscan', 'jit']) {
      const row = (await database.reader.prepared.first(
        `SELECT current_setting('${name}') AS value`,
        [],
      )) as {
        readonly value: string;
      };
      await client.query(`SET ${name} = ${row.value}`);
    }
    // As a named statement is planned from its sixth time on.
    await client.query('SET plan_cache_mode = force_generic_plan');
  }

  /** Runs statements on the connection, and keeps each text once. */
  function recording(): WriteTransaction {
    const send = async ({ text, values }: { readonly text: string; readonly values: readonly unknown[] }) => {
      if (/^\s*(select|with|insert|update|delete)/i.test(text) && !planned.some((each) => each.text === text))
        planned.push({ name: `planned_${planned.length}`, text, values });
      return client.query(text, [...values]);
    };
    return Object.assign(toQueryable(send, null), { isWriting: true as const });
  }

  async function planOf({ name, values }: Planned): Promise<string> {
    const literals = values.map((value) =>
      value === null || typeof value === 'number'
        ? String(value ?? 'NULL')
        : client.escapeLiteral(String(value)),
    );
    const call = literals.length > 0 ? `${name} (${literals.join()})` : name;
    const { rows } = await client.query(`EXPLAIN EXECUTE ${call}`);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  }

  /** Every query that a send, an answer, an end, an open page or a round in the background makes. */
  async function useStore(db: WriteTransaction): Promise<void> {
    await openPages(db);
    await findWork(db);
    await writeAnswer(db);
  }

  async function openPages(db: Queryable): Promise<void> {
    const { key, runId, answer } = stored;
    const page = { limit: 50, pageToken: `9.${key.chatId}` };
    await listChats(db, ownerId, projectId, { limit: 50 });
    await listChats(db, ownerId, projectId, page);
    for (const mark of ['pinned', 'archived', 'deleted'] as const) {
      await listMarkedChats(db, ownerId, mark, page);
      await countMarkedChats(db, ownerId, mark);
    }
    await getChat(db, key);
    await findOwnChat(db, key);
    await weighBranch(db, key.chatId, answer.id);
    await listBranch(db, key.chatId, answer.id);
    await listBranchTexts(db, key.chatId, answer.id);
    await getShownHead(db, key.chatId, answer.id);
    await getDraft(db, key);
    await getQueue(db, key.chatId);
    await getRun(db, ownerId, runId);
    await findActiveRun(db, key.chatId);
    await findSendKey(db, { ownerId, chatId: key.chatId, key: 'key' });
    const entries = { ownerId, fromMs: 0, untilMs: 10, limit: 1000 };
    await listUsageEntries(db, { ...entries, after: null });
    await listUsageEntries(db, { ...entries, after: { startedAtMs: 1, id: runId } });
    for (const of of [projectId, null]) await readBudget(db, { ownerId, projectId: of }, monthOf(1));
    await listRecentCounts(db, ownerId, 'demo/quick');
    await listModelSpeeds(db, ownerId);
    for (const term of ['penguins', 'ab'])
      await findTexts(db, { ownerId, terms: [term], limit: 20, before: null });
  }

  /** What is looked for by many ids at once is asked with one and with many. */
  async function findWork(db: WriteTransaction): Promise<void> {
    const feeds = new PostgresFeedStore({
      reader: db,
      transaction: (work) => work(db, () => undefined),
    });
    await feeds.load(ownerId);
    for (const count of [1, 1000]) {
      const owners = Array.from({ length: count }, (_, index) => ({
        ownerId: index ? newId() : ownerId,
        no: 1,
      }));
      await feeds.readAfter(owners, 500);
    }
    for (const count of [1, 300]) {
      const ids = Array.from({ length: count }, (_, index) => (index ? newId() : stored.runId));
      await listRunStates(db, ids);
      await listRunIdsOwnedElsewhere(db, 'boot', ids);
    }
    await countOpenRuns(db, ownerId);
    await listMarkedRuns(db, 'boot');
    await listOpenRunIds(db, 'boot');
    await listClaimableRuns(
      db,
      { bootId: 'boot', isExclusive: false, isNode: true },
      { after: null, limit: 50 },
    );
    await isOwned(db, { runId: stored.runId, epoch: 1 }, 'boot');
    await claimFencedRuns(db, 'boot', 50);
    await claimDueLookups(db, 1, 2, 4);
    await findNextLookupMs(db);
  }

  async function writeAnswer(db: WriteTransaction): Promise<void> {
    const { key, runId, answer } = stored;
    const { chatId } = key;
    await database.locks.chat(db, chatId);
    await database.locks.node(db, 'boot');
    const row = await db.selectFrom('runs').selectAll().where('id', '=', runId).executeTakeFirstOrThrow();
    const { lease_expires_at_ms: _, ...rest } = row;
    await insertRun(db, { ...rest, id: newId(), ended_at_ms: 1 });
    await insertMessage(db, ownerId, { ...answer, id: newId() });
    await updateChat(db, key, { activeLeafId: answer.id }, 2);
    await insertSendKey(db, { ownerId, chatId, key: 'key' }, { runId, bodyHash: '', nowMs: 1 });
    await saveGeneration(db, generationRow({ run_id: runId }));
    await closeGenerations(db, runId, 1);
    await listGenerations(db, runId);
    await markRunEnded(
      db,
      { runId, epoch: row.epoch },
      {
        ...{ state: 'completed', error: null, endedAtMs: 2, lastSeq: 3, speed: null },
      },
    );
    const usage = sampleUsage();
    await finishMessage(db, ownerId, { ...answer, status: 'completed', usage });
    await noteEndedAnswer(db, key, { unread: 'answer', usage });
    const message = { status: 'completed' as const, model: null, usage, timings: null };
    await insertAnswerUsage(db, { ownerId, projectId, runId, startedAtMs: 1, model: 'demo/quick', message });
    await putDraft(db, key, { content: 'A', writer: 'w', baseRevision: 0 }, 1);
    const queued = { id: newId(), key: 'k', content: 'Next', model: null, createdAtMs: 1 };
    await addQueued(db, { ...queued, ownerId, chatId });
    await findNextQueued(db, chatId);
    const feeds = new PostgresFeedStore(database);
    await feeds.append(db, ownerId, [{ type: 'reset', dataJson: '{}' }]);
  }

  /** Five thousand chats with an answer each. */
  async function grow(): Promise<void> {
    const copies = (table: string, columns: Readonly<Record<string, string>>) => {
      const names = Object.keys(columns).join();
      return client.query(`INSERT INTO ${table} (${names}) SELECT ${Object.values(columns).join()}
        FROM generate_series(1, 5000) AS g(n)`);
    };
    const [owner, project] = [`'${ownerId}'`, `'${projectId}'`];
    const times = { created_at_ms: 'n' };
    await client.query(
      `INSERT INTO owners (id, name, created_at_ms) SELECT 'owner' || n, '', 1 FROM generate_series(1, 5000) AS g(n)`,
    );
    await copies('chats', {
      ...{
        id: `'chat' || n`,
        owner_id: owner,
        project_id: project,
        title: `'A title'`,
        updated_at_ms: 'n',
        ...times,
      },
    });
    const texts = { content: `repeat('penguins swim ', 20) || n`, reasoning: `''` };
    for (const role of ['user', 'assistant'])
      await copies('messages', {
        ...{
          id: `'${role}' || n`,
          owner_id: owner,
          chat_id: `'chat' || n`,
          role: `'${role}'`,
          status: `'completed'`,
        },
        ...{ ...texts, ...times, parent_id: role === 'user' ? 'NULL' : `'user' || n` },
      });
    await copies('runs', {
      ...{
        id: `'run' || n`,
        owner_id: owner,
        project_id: project,
        chat_id: `'chat' || n`,
        state: `'completed'`,
      },
      ...{
        message_id: `'assistant' || n`,
        model: `'demo/quick'`,
        settings_json: `'{}'`,
        boot_id: `'boot'`,
        epoch: '1',
      },
      ...{
        lease_expires_at_ms: '1',
        ended_at_ms: 'CASE WHEN n > 10 THEN n END',
        answered_model: `'demo/quick'`,
        ...times,
      },
    });
    const ofRun = { run_id: `'run' || n`, attempt: '1', outcome: `'completed'`, started_at_ms: 'n' };
    await copies('generations', { id: `'call' || n`, ...ofRun });
    await copies('send_keys', {
      ...{
        owner_id: owner,
        chat_id: `'chat' || n`,
        send_key: `'key'`,
        body_hash: `''`,
        run_id: `'run' || n`,
        ...times,
      },
    });
    await copies('usage_entries', {
      ...{ id: `'run' || n`, owner_id: owner, project_id: project, kind: `'answer'`, model: `'demo/quick'` },
      ...{
        outcome: `'completed'`,
        started_at_ms: 'n',
        prompt_tokens: '1',
        cached_tokens: '0',
        completion_tokens: '1',
      },
      is_estimated: '0',
    });
    await copies('feed_events', { owner_id: owner, no: 'n + 10', type: `'reset'`, data: `'{}'`, at_ms: 'n' });
    await copies('owner_feeds', { owner_id: `'owner' || n`, id: `'feed' || n`, last_no: '1' });
    await copies('drafts', {
      ...{ id: `'chat' || n`, owner_id: owner, chat_id: `'chat' || n`, content: `''`, other_content: `''` },
      ...{ revision: '1', edited_at_ms: '1' },
    });
    await copies('chat_queues', { chat_id: `'chat' || n`, owner_id: owner, revision: '1' });
    await copies('queued_messages', {
      ...{
        id: `'waiting' || n`,
        chat_id: `'chat' || n`,
        owner_id: owner,
        send_key: `'k'`,
        content: `'Next'`,
      },
      ...{ position: '0', is_due: '0', ...times },
    });
    await copies('files', {
      ...{ id: `'file' || n`, owner_id: owner, sha256: `'' || n`, name: `'a'`, media_type: `'text/plain'` },
      ...{ size_bytes: '1', kept_until_ms: '1', ...times },
    });
    await copies('file_uses', { file_id: `'file' || n`, message_id: `'user' || n` });
  }

  /** The statements whose plan reads all of a table that grows, with that plan. */
  async function scans(): Promise<string[]> {
    const found: string[] = [];
    for (const each of planned) {
      const plan = await planOf(each);
      if (new RegExp(`Seq Scan on (${growing.join('|')})\\b`).test(plan)) found.push(`${each.text}\n${plan}`);
    }
    return found;
  }

  it('were made while the tables were young, and walk indexes now that they have grown', async () => {
    expect(planned.length).toBeGreaterThan(60);
    expect(await scans()).toEqual([]);
  });

  it('walk indexes when they are made with statistics from when the tables were young', async () => {
    await client.query('DISCARD PLANS');
    expect(await scans()).toEqual([]);
  });

  it('walk indexes when they are made for the values of a call', async () => {
    await client.query('SET plan_cache_mode = force_custom_plan');
    expect(await scans()).toEqual([]);
    await client.query('SET plan_cache_mode = force_generic_plan');
  });

  it('walk indexes with statistics of now', async () => {
    await client.query('ANALYZE');
    expect(await scans()).toEqual([]);
  });
});
