/**
 * Keeps one PostgreSQL for all test files of a run: it starts when the first of them asks for a database. Each database
 * is a copy of a migrated one, and is emptied and given out again, which takes a tenth of the time of a new copy. Vitest
 * runs this once, before and after all tests.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { openPostgresDatabase } from '../../src/database/postgres/postgresDatabase.ts';
import { type PostgresServer, startPostgres } from './postgresServer.ts';
import { postgresSettings } from './postgresSettingsOf.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Port of the server that makes databases. */
    postgresMaker: number;
  }
}

const template = 'rill_template';

/** Of the schema and its settings. A database in which a test changed them is not given out again. */
const keptTables = ['kysely_migration', 'kysely_migration_lock', 'rill_meta', 'log_settings'];
const emptyAll = `
  DO $$ DECLARE name text; BEGIN
    SET LOCAL session_replication_role = replica;
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid();
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
      AND tablename <> ALL ('{${keptTables}}') LOOP
      EXECUTE format('DELETE FROM %I', name);
    END LOOP;
  END $$`;

const readSettings = `
  SELECT (SELECT json_agg(m) FROM rill_meta AS m)::text || (SELECT json_agg(s) FROM log_settings AS s)::text AS settings`;

class DatabaseMaker {
  readonly #free: string[] = [];
  /** Databases that are given out, each with the number of its loan. */
  readonly #loans = new Map<string, number>();
  #server: Promise<PostgresServer> | undefined;
  /** Those of a new database. */
  #settings: Promise<string> | undefined;
  #count = 0;
  #loanCount = 0;

  async make(): Promise<{ url: string; name: string; loan: number }> {
    this.#server ??= startWithTemplate();
    const server = await this.#server;
    const name = this.#free.pop() ?? (await this.#copy(server));
    this.#loanCount += 1;
    this.#loans.set(name, this.#loanCount);
    return { url: server.url(name), name, loan: this.#loanCount };
  }

  /** A test does not wait for this. A database that is released twice may have another holder by then, and stays with that. */
  async giveBack(name: string, loan: number, isAltered: boolean): Promise<void> {
    const server = await this.#server;
    if (!server || this.#loans.get(name) !== loan) return;
    this.#loans.delete(name);
    if (isAltered || (await settingsOf(server, name)) !== (await this.#settings))
      return void (await server.query(`DROP DATABASE ${name} WITH (FORCE)`));
    await server.query(emptyAll, name);
    this.#free.push(name);
  }

  async close(): Promise<void> {
    await (await this.#server)?.close();
  }

  async #copy(server: PostgresServer): Promise<string> {
    this.#count += 1;
    const name = `rill_${this.#count}`;
    await server.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
    this.#settings ??= settingsOf(server, name);
    await this.#settings;
    return name;
  }
}

export default async function shareGlobally({ provide }: TestProject): Promise<() => Promise<void>> {
  const maker = new DatabaseMaker();
  const listener = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://maker');
    if (request.method === 'DELETE') {
      const loan = Number(searchParams.get('loan'));
      maker.giveBack(pathname.slice(1), loan, searchParams.has('altered')).catch(() => undefined);
      response.end('{}');
      return;
    }
    maker.make().then(
      (made) => response.end(JSON.stringify(made)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  provide('postgresMaker', (listener.address() as AddressInfo).port);
  return async () => {
    listener.close();
    listener.closeAllConnections();
    await maker.close();
  };
}

async function settingsOf(server: PostgresServer, name: string): Promise<string> {
  const { rows } = await server.query(readSettings, name);
  return rows[0]?.settings;
}

async function startWithTemplate(): Promise<PostgresServer> {
  const server = await startPostgres();
  await server.query(`CREATE DATABASE ${template}`);
  const database = await openPostgresDatabase(postgresSettings(server.url(template)));
  await database.close();
  return server;
}
