import { expect, it } from 'vitest';
import { ConnectionLost } from './postgresFailures.ts';
import { refuseUnusable, toRefusal } from './postgresRefusals.ts';

it('a server that is too old is refused with both versions', async () => {
  const facts = { version: 14, versionText: '14.9', encoding: 'UTF8', schema: 'public', mayCreate: true };
  const client = { query: async () => ({ rows: [facts] }) };
  await expect(refuseUnusable(client as never)).rejects.toThrow(
    'The database at DATABASE_URL cannot be used: it is PostgreSQL 14.9; update it to 15 or newer',
  );
});

it('a name of several addresses is refused with what each of them said', () => {
  const each = ['::1', '127.0.0.1'].map((address) => new Error(`connect ECONNREFUSED ${address}:5432`));
  expect(toRefusal(new ConnectionLost(new AggregateError(each))).message).toBe(
    'The database at DATABASE_URL cannot be used: The connection to the database failed: connect ECONNREFUSED ::1:5432, connect ECONNREFUSED 127.0.0.1:5432; start the database, or correct the address',
  );
});
