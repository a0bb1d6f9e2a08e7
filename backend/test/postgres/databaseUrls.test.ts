/** Opens databases by addresses of every form, and says why one cannot be used, without its password. */
import { chmodSync, chownSync, copyFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openPostgresDatabase, probePostgres } from '../../src/database/postgres/postgresDatabase.ts';
import { type PostgresServer, startPostgres } from './postgresServer.ts';
import { postgresSettings } from './postgresSettingsOf.ts';
import { describeWithPostgres } from './postgresTestDatabase.ts';

/** A server has to start, and each database to be made. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const password = 'p/:@#?% ü"\'';
const user = `Odd 'user" @é`;
const oddName = `Odd "db' é`;
const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
const certificates = fileURLToPath(new URL('../certificates', import.meta.url));
const libc = "LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0";

describeWithPostgres('the address of a database', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres({
      settings: ['listen_addresses=127.0.0.1,::1', 'unix_socket_directories=/tmp'],
    });
    const { dataDirectory } = postgres;
    const { uid, gid } = statSync(dataDirectory);
    for (const kind of ['cert', 'key']) {
      const path = join(dataDirectory, `${kind}.pem`);
      copyFileSync(join(certificates, `localhost.${kind}.pem`), path);
      chmodSync(path, 0o600);
      chownSync(path, uid, gid);
    }
    writeFileSync(
      join(dataDirectory, 'pg_hba.conf'),
      'local all rill trust\nhost replication rill all trust\nhost all rill all trust\nhost all all all scram-sha-256\n',
    );
    for (const statement of [
      `CREATE ROLE ${quoted(user)} LOGIN PASSWORD '${password.replaceAll("'", "''")}'`,
      `CREATE DATABASE ${quoted(oddName)} OWNER ${quoted(user)}`,
      'CREATE DATABASE plain',
      'CREATE DATABASE schemas',
      'CREATE DATABASE shared',
      `CREATE DATABASE latin ENCODING 'LATIN1' ${libc}`,
      `CREATE DATABASE bytes ENCODING 'SQL_ASCII' ${libc}`,
      `ALTER SYSTEM SET ssl_cert_file = '${dataDirectory}/cert.pem'`,
      `ALTER SYSTEM SET ssl_key_file = '${dataDirectory}/key.pem'`,
      'SELECT pg_reload_conf()',
    ])
      await postgres.query(statement);
    await postgres.query('CREATE SCHEMA app', 'schemas');
    await postgres.query('CREATE SCHEMA app', 'shared');
  });
  afterAll(() => postgres.close());

  const at = (host: string, name: string, who = 'rill', query = '') =>
    `postgres://${who}@${host}:${postgres.port}/${encodeURIComponent(name)}${query}`;
  const oddUser = (secret: string) => `${encodeURIComponent(user)}:${encodeURIComponent(secret)}`;
  /** What the first connection reads. */
  const ask = async (url: string, sqlText: string) => {
    const database = await openPostgresDatabase(postgresSettings(url));
    try {
      return await database.reader.prepared.first(sqlText, []);
    } finally {
      await database.close();
    }
  };
  const refusal = async (url: string) => {
    const settings = postgresSettings(url);
    const [start, doctor] = await Promise.all(
      [openPostgresDatabase(settings), probePostgres(settings)].map((work) =>
        work.then(
          () => 'It can be used.',
          ({ message }: Error) => message,
        ),
      ),
    );
    expect(doctor).toBe(start);
    for (const secret of [password, encodeURIComponent(password)]) expect(start).not.toContain(secret);
    return start?.replace('The database at DATABASE_URL cannot be used: ', '');
  };

  it('may be a Unix socket, or IPv6', async () => {
    const socket = `postgres:///plain?host=/tmp&port=${postgres.port}&user=rill`;
    const sqlText = 'SELECT host(inet_client_addr()) AS address';
    expect(await ask(socket, sqlText)).toEqual({ address: null });
    expect(await ask(at('[::1]', 'plain'), sqlText)).toEqual({ address: '::1' });
  });

  it('may have any characters in its user, password and database', async () => {
    const sqlText = 'SELECT current_user AS "user", current_database() AS name';
    expect(await ask(at('127.0.0.1', oddName, oddUser(password)), sqlText)).toEqual({ user, name: oddName });
  });

  it('may set the search path, and no name or limit of our sessions', async () => {
    const query = '?options=-c%20search_path%3Dapp&application_name=mine&statement_timeout=1&lock_timeout=1';
    const sqlText = `SELECT current_schema() AS schema, to_regclass('app.chats') IS NOT NULL AS "isThere",
      current_setting('application_name') LIKE 'rill % read' AS "isOurs", current_setting('statement_timeout') <> '1ms' AS "isLong"`;
    expect(await ask(at('127.0.0.1', 'schemas', 'rill', query), sqlText)).toEqual({
      schema: 'app',
      isThere: true,
      isOurs: true,
      isLong: true,
    });
  });

  it('may lead to a schema beside that of another program, which uses the same library for its migrations', async () => {
    await postgres.query('CREATE TABLE kysely_migration (name text)', 'shared');
    const [path, sqlText] = ['?options=-c%20search_path%3Dapp', 'SELECT current_schema() AS schema'];
    expect(await ask(at('127.0.0.1', 'shared', 'rill', path), sqlText)).toEqual({ schema: 'app' });
    expect(await ask(at('127.0.0.1', 'shared', 'rill', path), sqlText)).toEqual({ schema: 'app' });
  });

  it('is refused where its search path misses the tables that the database has', async () => {
    const path = '?options=-c%20search_path%3Dempty';
    await ask(at('127.0.0.1', 'plain'), 'SELECT 1');
    await postgres.query('CREATE SCHEMA empty', 'plain');
    expect(await refusal(at('127.0.0.1', 'plain', 'rill', path))).toBe(
      'its schema "public" has the tables of Rill, and the search_path leads to "empty"; name "public" in the search_path, or make a database of its own for another Rill',
    );
    const both = `${path},public`;
    expect(
      await ask(at('127.0.0.1', 'plain', 'rill', both), "SELECT to_regclass('empty.chats') AS none"),
    ).toEqual({
      none: null,
    });
  });

  it('is refused with what to do where the database cannot be used', async () => {
    const other = (name: string, secret = password) => at('127.0.0.1', name, oddUser(secret));
    expect(await refusal(at('127.0.0.1', 'nowhere'))).toBe(
      'database "nowhere" does not exist; make it with CREATE DATABASE',
    );
    expect(await refusal(other(oddName, 'wrong'))).toBe(
      `password authentication failed for user "${user}"; correct the user and the password in the address`,
    );
    expect(await refusal(other('postgres'))).toBe(
      `the user "${user}" may not make tables in it; make that user its owner, or GRANT CREATE ON SCHEMA "public"`,
    );
    expect(await refusal(at('127.0.0.1', 'latin'))).toBe(
      "its encoding, LATIN1, cannot store every text; make one with ENCODING 'UTF8' TEMPLATE template0",
    );
    expect(await refusal(at('127.0.0.1', 'bytes'))).toMatch(/^its encoding, SQL_ASCII, cannot/);
    expect(await refusal(at('127.0.0.1', 'plain', 'rill', '?options=-c%20search_path%3Dnone'))).toMatch(
      /^no schema of its search_path exists; /,
    );
    expect(await refusal('postgres://rill@127.0.0.1:1/plain')).toMatch(
      /ECONNREFUSED 127.0.0.1:1; start the database, or correct the address$/,
    );
    expect(await refusal('postgres:///plain?host=/nowhere&user=rill')).toMatch(
      /ENOENT.*; start the database/,
    );
  });

  it('is refused where it leads to a standby', async () => {
    const standby = await startPostgres({ standbyOf: postgres });
    try {
      expect(await refusal(standby.url('plain'))).toMatch(/the server is a standby; give the address/);
    } finally {
      await standby.close();
    }
  });

  describe('with sslmode', () => {
    const warnings: Error[] = [];
    const keep = (warning: Error) => void warnings.push(warning);
    beforeAll(() => void process.on('warning', keep));
    afterAll(() => void process.off('warning', keep));
    const sslText = 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()';
    const secure = (mode: string) => at('localhost', 'plain', 'rill', `?sslmode=${mode}`);

    it('is refused by a server without TLS, or works without', async () => {
      expect(await refusal(secure('require'))).toMatch(
        /does not support SSL.*; leave sslmode out of the address$/,
      );
      expect(await ask(secure('disable'), sslText)).toEqual({ ssl: false });
    });

    it('uses TLS, and trusts a certificate or not as it says', async () => {
      await postgres.query('ALTER SYSTEM SET ssl = on');
      await postgres.query('SELECT pg_reload_conf()');
      await expect
        .poll(() => ask(secure('no-verify'), sslText).catch(() => null), { timeout: 20_000 })
        .toEqual({ ssl: true });
      const root = encodeURIComponent(join(certificates, 'localhost.cert.pem'));
      expect(await ask(secure(`verify-full&sslrootcert=${root}`), sslText)).toEqual({ ssl: true });
      for (const mode of ['verify-full', 'require', 'prefer', 'verify-ca'])
        expect(await refusal(secure(mode))).toMatch(/self-signed certificate.*; set NODE_EXTRA_CA_CERTS/);
      // The certificate is of another name than this address.
      const byAddress = at('127.0.0.1', 'plain', 'rill', `?sslrootcert=${root}&sslmode=require`);
      expect(await refusal(byAddress)).toMatch(/altnames/);
      for (const url of [byAddress, secure('require'), secure('prefer')])
        expect(await ask(`${url}&uselibpqcompat=true`, sslText)).toEqual({ ssl: true });
      expect(warnings).toEqual([]);
    });
  });
});
