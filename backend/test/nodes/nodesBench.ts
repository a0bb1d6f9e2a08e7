/** Sets up nodes on a fresh Postgres database, whose time only a test moves. */
import { v7 as newId } from 'uuid';
import { openPostgresDatabase, type PostgresDatabase } from '../../src/database/postgres/postgresDatabase.ts';
import { joinNodes } from '../../src/nodes/joinNodes.ts';
import type { OwnNode } from '../../src/nodes/ownNode.ts';
import { FakeClock } from '../fakeClock.ts';
import { postgresSettings } from '../postgres/postgresSettingsOf.ts';
import { openPostgresTestDatabase, type PostgresTestDatabase } from '../postgres/postgresTestDatabase.ts';
import { turnUntil } from '../runBench.ts';

export interface TestNode {
  readonly bootId: string;
  readonly database: PostgresDatabase;
  readonly node: OwnNode;
  /** What the node was told: why it was fenced, and that it is to recover runs or to do maintenance. */
  readonly told: string[];
  /** Why its release is too old for the schema. */
  readonly outdated: readonly string[];
  /** How often it was told to look for own runs that it does not execute. */
  readonly looks: { readonly leftCount: number };
  /** Lets seconds pass for this node alone, each with its turn. */
  pass(seconds: number): Promise<void>;
}

export interface NodesBench {
  readonly test: PostgresTestDatabase;
  /** `url`: the address of the database through a line that can break. */
  join(name?: string, url?: string): Promise<TestNode>;
  /** Ends the lease of a node, as time would. */
  expire(bootId: string): Promise<void>;
  /** Resolves once the database has run for longer than a lease: before that no lease counts. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export async function openNodesBench(): Promise<NodesBench> {
  const test = await openPostgresTestDatabase();
  const opened: { readonly node: OwnNode; readonly database: PostgresDatabase }[] = [];
  const control = await test.database.connect('migrate');
  return {
    test,
    async join(name, url = test.url) {
      const bootId = newId();
      const database = await openPostgresDatabase(postgresSettings(url, { bootId }));
      const clock = new FakeClock();
      const [told, outdated]: [string[], string[]] = [[], []];
      const looks = { leftCount: 0 };
      const logger = { info: () => undefined, warn: () => undefined };
      const connect = () => database.connect('control');
      const node = await joinNodes({
        bootId,
        name: name ?? null,
        version: '1',
        nodeAddress: null,
        connect,
        clock,
        logger,
      });
      opened.push({ node, database });
      node.watch({
        onFenced: (reason) => void told.push(reason),
        onOutdated: (reason) => void outdated.push(reason),
        recover: async () => void told.push('recover'),
        async endLeft() {
          looks.leftCount += 1;
        },
        maintain: async () => void told.push('maintain'),
      });
      const pass = async (seconds: number): Promise<void> => {
        for (let second = 0; second < seconds && clock.pendingTimers > 0; second++) {
          clock.advance(1000);
          await turnUntil(() => clock.pendingTimers > 0 || told.some((line) => line.endsWith('.')));
        }
      };
      return { bootId, database, node, told, outdated, looks, pass };
    },
    async expire(bootId) {
      await control.query('UPDATE heartbeats SET expires_at_ms = 1 WHERE boot_id = $1', [bootId]);
    },
    async settle() {
      await control.query(`SELECT pg_sleep(greatest(0, 8.1 - extract(epoch from
        clock_timestamp() - pg_postmaster_start_time())))`);
    },
    async close() {
      for (const { node, database } of opened) {
        await node.retire();
        await database.close();
      }
      await control.end();
      await test.close();
    },
  };
}
