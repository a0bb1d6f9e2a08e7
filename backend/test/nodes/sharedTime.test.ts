/**
 * Starts two nodes whose wall clocks are a day or months wrong: what expires, is deleted or is counted by month does so
 * by the time of the database.
 */
import type { Budget, Chat, ChatDetail, FileReference, ImportJob } from '@rill/protocol';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { slotCount } from '../../src/database/postgres/schema/eventSlots.ts';
import { slotOf } from '../../src/log/postgres/slotOfRun.ts';
import { SharedClock } from '../../src/nodes/sharedClock.ts';
import { monthOf } from '../../src/store/money/budgets.ts';
import { failureOf, jsonOf } from '../callServer.ts';
import {
  describeWithPostgres,
  type FreshDatabase,
  makeFreshDatabase,
} from '../postgres/postgresTestDatabase.ts';
import { startTestServer, type TestServer } from '../startTestServer.ts';
import { makeFolder } from '../testDatabase.ts';
import { SkewedClock } from './skewedClock.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const wrongMs = 26 * hourMs;
/** So long that none ends while a test runs. */
const slotMs = 7 * dayMs;
const token = 'correct-horse-battery-staple';
const bearer = { authorization: `Bearer ${token}` };

interface Node {
  readonly clock: SkewedClock;
  readonly server: TestServer;
  request(method: string, path: string, body?: unknown): Promise<Response>;
}

/** The first node to start does the work that one does for all. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

describeWithPostgres('two nodes with wrong wall clocks', () => {
  let fresh: FreshDatabase;
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let database: pg.Client;
  const nodes: Node[] = [];
  beforeEach(async () => {
    fresh = await makeFreshDatabase();
    folder = await makeFolder();
    database = new pg.Client(fresh.url);
    await database.connect();
  });
  afterEach(async () => {
    for (const { server } of nodes.splice(0)) await server.close();
    await database.end();
    await folder.remove();
    await fresh.giveBack();
  });

  async function start(aheadMs: number, environment: Readonly<Record<string, string>> = {}): Promise<Node> {
    const machine = new SkewedClock(aheadMs);
    const clock = new SharedClock(machine);
    const server = await startTestServer({
      clock,
      areIdsByClock: true,
      dataDirectory: folder.path,
      environment: { DATABASE_URL: fresh.url, RILL_ACCESS_TOKEN: token, ...environment },
    });
    const node: Node = {
      clock: machine,
      server,
      request: (method, path, body) => server.request(method, path, body, bearer),
    };
    nodes.push(node);
    return node;
  }
  /** The first one starts first. */
  async function startBoth(firstMs = wrongMs, secondMs = -firstMs): Promise<[Node, Node]> {
    return [await start(firstMs), await start(secondMs)];
  }
  const json = <Body>({ request }: Node, method: string, path: string, body?: unknown) =>
    jsonOf<Body>(request(method, path, body));
  async function newChat(node: Node): Promise<{ id: string; path: string }> {
    const { projects } = await json<{ projects: { id: string }[] }>(node, 'GET', '/api/projects');
    const chats = `/api/projects/${projects[0]?.id}/chats`;
    const { id } = await json<Chat>(node, 'POST', chats, {});
    return { id, path: `${chats}/${id}` };
  }
  const ask = (node: Node, path: string) => node.request('POST', `${path}/messages`, { content: 'Hello' });
  /** Dates a row as if what it records had been so long ago, by the database; later if below 0. */
  const date = (table: string, column: string, id: string, agoMs: number) =>
    database.query(
      `UPDATE ${table} SET ${column} = (extract(epoch FROM clock_timestamp()) * 1000)::bigint - $2 WHERE id = $1`,
      [id, agoMs],
    );
  async function idsIn(table: string): Promise<string[]> {
    return (await database.query<{ id: string }>(`SELECT id FROM ${table}`)).rows.map(({ id }) => id);
  }
  /** Lets every node do its hourly work until the row is gone. */
  const untilGone = (table: string, id: string) =>
    expect
      .poll(
        async () => {
          for (const { clock } of nodes) clock.doRare(hourMs);
          return (await idsIn(table)).includes(id);
        },
        { timeout: 30_000 },
      )
      .toBe(false);

  describe.each([
    ['ahead', wrongMs],
    ['behind', -wrongMs],
  ])('of which the one that is %s does the work of all', (_, firstMs) => {
    it('keep a deleted chat for 30 days, and no longer', async () => {
      const [first, second] = await startBoth(firstMs);
      const [kept, due] = [await newChat(second), await newChat(second)];
      for (const [{ id, path }, days] of [
        [kept, 29.5],
        [due, 30.5],
      ] as const) {
        await second.request('DELETE', path);
        await date('chats', 'deleted_at_ms', id, days * dayMs);
      }
      await untilGone('chats', due.id);
      expect(await idsIn('chats')).toEqual([kept.id]);
      expect((await first.request('POST', `${kept.path}/restore`)).status).toBe(200);
    });

    it('keep an upload that nothing uses for a day, and no longer', async () => {
      const [, second] = await startBoth(firstMs);
      const upload = async (name: string) =>
        (
          await jsonOf<FileReference>(
            fetch(`${second.server.url}/api/files?name=${name}`, {
              method: 'POST',
              body: name,
              headers: bearer,
            }),
          )
        ).id;
      const [fresh, kept, due] = [await upload('fresh'), await upload('kept'), await upload('due')];
      await date('files', 'kept_until_ms', kept, -hourMs);
      await date('files', 'kept_until_ms', due, hourMs);
      await untilGone('files', due);
      expect(await idsIn('files')).toEqual([fresh, kept]);
    });

    it('end an import that was not started within a day, and no earlier one', async () => {
      const [, second] = await startBoth(firstMs);
      const [kept, due] = ['import-kept', 'import-due'];
      for (const [id, hours] of [
        [kept, 23],
        [due, 25],
      ] as const) {
        await database.query(
          `INSERT INTO imports (id, owner_id, name, size_bytes, state, created_at_ms)
             SELECT $1, id, 'export.zip', 1, 'counted', 0 FROM owners`,
          [id],
        );
        await date('imports', 'created_at_ms', id, hours * hourMs);
      }
      const stateOf = async (id: string) => (await json<ImportJob>(second, 'GET', `/api/import/${id}`)).state;
      await expect
        .poll(async () => {
          for (const { clock } of nodes) clock.doRare(hourMs);
          return stateOf(due);
        })
        .toBe('failed');
      expect(await stateOf(kept)).toBe('counted');
    });
  });

  it.each([
    ['ahead', wrongMs],
    ['behind', -wrongMs],
  ])('keep the events of an answer for ten minutes after its end at one that is %s', async (_, aheadMs) => {
    await database.query('UPDATE log_settings SET slot_minutes = $1', [slotMs / minuteMs]);
    const node = await start(aheadMs);
    await ask(node, (await newChat(node)).path);
    const [runId = ''] = await idsIn('runs');
    // The answer was begun when the slot that is used next was used last.
    const beganMs = (Math.floor(systemClock.nowMs() / slotMs) + 1 - slotCount) * slotMs;
    const time = beganMs.toString(16).padStart(12, '0');
    const earlierId = `${time.slice(0, 8)}-${time.slice(8)}${runId.slice(13)}`;
    const slot = slotOf(earlierId, slotMs);
    await database.query('SET session_replication_role = replica');
    await database.query('UPDATE runs SET id = $2 WHERE id = $1', [runId, earlierId]);
    await database.query(`INSERT INTO run_events_${slot} VALUES ($1, 1, 'chunk', '{}', 0, 0)`, [earlierId]);
    const hasEvents = async () => {
      node.clock.doRare(minuteMs);
      const { rowCount } = await database.query(`SELECT FROM run_events_${slot} WHERE run_id = $1`, [
        earlierId,
      ]);
      return rowCount !== 0;
    };
    await date('runs', 'ended_at_ms', earlierId, 9 * minuteMs);
    // Each clean-up has a connection of its own, which is counted once the work is done.
    const countSessions = async () =>
      Number(
        (
          await database.query<{ sessions: string }>(
            'SELECT sessions FROM pg_stat_database WHERE datname = current_database()',
          )
        ).rows[0]?.sessions,
      );
    const earlier = await countSessions();
    await expect
      .poll(async () => {
        expect(await hasEvents()).toBe(true);
        return countSessions();
      })
      .toBeGreaterThan(earlier + 3);
    await date('runs', 'ended_at_ms', earlierId, 11 * minuteMs);
    await expect.poll(hasEvents).toBe(false);
  });

  it('accept a session until it ends, whichever of them began it, and no longer', async () => {
    const both = await startBoth();
    for (const { server } of both) {
      const response = await server.request('POST', '/api/session', { token });
      const set = response.headers.getSetCookie().find((each) => each.startsWith('rill_session=')) ?? '';
      // By a date it would end at once in a browser where the clock of the machine is years ahead.
      expect(set).toMatch(/; Max-Age=2592000;/);
      expect(set).not.toMatch(/; Expires=/);
      const cookie = set.split(';')[0] ?? '';
      const statuses = () =>
        Promise.all(
          both.map(
            async (each) => (await each.server.request('GET', '/api/projects', undefined, { cookie })).status,
          ),
        );
      expect(await statuses()).toEqual([200, 200]);
      const { rows } = await database.query<{ id: string; left: string }>(
        `SELECT id, expires_at_ms - (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS left FROM sessions
           ORDER BY created_at_ms DESC LIMIT 1`,
      );
      const [{ id, left } = { id: '', left: '' }] = rows;
      expect(Math.abs(Number(left) - 30 * dayMs)).toBeLessThan(minuteMs);
      await date('sessions', 'expires_at_ms', id, -hourMs);
      expect(await statuses()).toEqual([200, 200]);
      // A sign-in deletes the sessions that have ended, and no other.
      for (const other of both) await other.server.request('POST', '/api/session', { token });
      expect(await statuses()).toEqual([200, 200]);
      await date('sessions', 'expires_at_ms', id, hourMs);
      expect(await statuses()).toEqual([401, 401]);
    }
  });

  it('each limit the guesses of the token by themselves, for as long as everywhere', async () => {
    for (const { server } of await startBoth()) {
      const leave = new AbortController();
      const guess = () =>
        fetch(`${server.url}/api/projects`, {
          headers: { authorization: 'Bearer wrong' },
          signal: leave.signal,
        });
      const atOnce = await Promise.all(Array.from({ length: 10 }, guess));
      expect(atOnce.map(({ status }) => status)).toEqual(Array(10).fill(401));
      const waiting = Array.from({ length: 4 }, guess);
      const refused = await Promise.race(waiting);
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5']);
      leave.abort();
      await Promise.allSettled(waiting);
    }
  });

  it('count money in the month that the database has, where the clock of one is in the next and of one in the last', async () => {
    const { fromMs, untilMs } = monthOf(systemClock.nowMs());
    const nowMs = systemClock.nowMs();
    const [next, last] = await startBoth(untilMs - nowMs + hourMs, fromMs - nowMs - hourMs);
    for (const { server } of [next, last])
      server.simulator.script('demo/quick', [{ delta: 'Hi' }, { finish: 'stop' }]);
    const { path } = await newChat(next);
    await json(next, 'PUT', '/api/budget', { monthlyUsd: 0.000_000_1 });
    expect((await ask(next, path)).status).toBe(200);
    const budgets = () => Promise.all([next, last].map((node) => json<Budget>(node, 'GET', '/api/budget')));
    const [one, other] = await budgets();
    expect(one).toMatchObject({ endsAtMs: untilMs });
    expect(one?.spentUsd).toBeGreaterThan(0);
    expect(other).toEqual(one);
    for (const node of [next, last]) {
      const refused = await failureOf(ask(node, (await newChat(node)).path));
      expect(refused).toMatchObject({ code: 'budget_exceeded', details: { endsAtMs: untilMs } });
    }
    // The last millisecond of the month before and the first of this one.
    for (const [startedAtMs, isCounted] of [
      [fromMs - 1, false],
      [fromMs, true],
    ] as const) {
      await database.query('UPDATE usage_entries SET started_at_ms = $1', [startedAtMs]);
      for (const { spentUsd } of await budgets()) expect(spentUsd > 0).toBe(isCounted);
    }
  });

  it('count what a title costs when the database says, and never name a chat twice', async () => {
    const titled = { RILL_TITLE_MODEL: 'small/namer' };
    const both = [await start(wrongMs, titled), await start(-wrongMs, titled)];
    for (const node of both) {
      node.server.simulator.script('small/namer', [{ delta: 'The tides' }, { finish: 'stop' }]);
      const { path } = await newChat(node);
      await ask(node, path);
      await node.server.app.titles.whenIdle();
      for (const each of both)
        expect((await json<ChatDetail>(each, 'GET', path)).chat.title).toBe('The tides');
    }
    const { rows } = await database.query<{ kind: string; off: string }>(
      `SELECT kind, abs(started_at_ms - (extract(epoch FROM clock_timestamp()) * 1000)::bigint) AS off FROM usage_entries`,
    );
    expect(rows.map(({ kind }) => kind).sort()).toEqual(['answer', 'answer', 'title', 'title']);
    for (const { off } of rows) expect(Number(off)).toBeLessThan(hourMs);
  });
});
