/** Makes the settings of a Postgres database for tests. */
import { v7 as newId } from 'uuid';
import type { PostgresSettings } from '../../src/database/postgres/postgresSettings.ts';
import { version } from '../../src/version.ts';

export const postgresSettings = (url: string, changes: Partial<PostgresSettings> = {}): PostgresSettings => ({
  url,
  directUrl: url,
  bootId: newId(),
  release: version,
  hasNamedStatements: true,
  readers: 3,
  writers: 3,
  ...changes,
});
