/**
 * Stores the sessions of signed-in browsers. Only a digest of each session's secret is stored, and a session is valid
 * only with the access token that opened it.
 */

import type { Queryable } from '../database/database.ts';
import { prepareQuery, type Slots } from '../database/preparedQuery.ts';

export interface NewSession {
  /** Digest of the cookie's secret. */
  readonly id: string;
  readonly ownerId: string;
  /** Digest of the access token that opened it. */
  readonly tokenDigest: string;
  readonly nowMs: number;
  readonly expiresAtMs: number;
}

/** Stores a session, and deletes those that have expired. */
export async function insertSession(db: Queryable, session: NewSession): Promise<void> {
  await db.deleteFrom('sessions').where('expires_at_ms', '<=', session.nowMs).execute();
  await db
    .insertInto('sessions')
    .values({
      id: session.id,
      owner_id: session.ownerId,
      token_digest: session.tokenDigest,
      created_at_ms: session.nowMs,
      expires_at_ms: session.expiresAtMs,
    })
    .execute();
}

const sessionById = prepareQuery((db, { id }: Slots<{ readonly id: string }>) =>
  db.selectFrom('sessions').selectAll().where('id', '=', id),
);

/** True if the session exists, has not expired and belongs to this access token. */
export async function isSessionOpen(
  db: Queryable,
  session: { readonly id: string; readonly tokenDigest: string; readonly nowMs: number },
): Promise<boolean> {
  const row = await sessionById.first(db, { id: session.id });
  return row !== null && row.token_digest === session.tokenDigest && row.expires_at_ms > session.nowMs;
}

export async function deleteSessions(db: Queryable, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await db.deleteFrom('sessions').where('id', 'in', ids).execute();
}

/** Deletes every session of the user. */
export async function deleteAllSessions(db: Queryable, ownerId: string): Promise<void> {
  await db.deleteFrom('sessions').where('owner_id', '=', ownerId).execute();
}
