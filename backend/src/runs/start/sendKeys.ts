/** Recognises a repeated send by its key, so that it attaches to the run that the first one started. */
import { createHash } from 'node:crypto';
import { RillError, type SendMessage } from '@rill/protocol';
import type { Queryable } from '../../database/database.ts';
import { findSendKey, insertSendKey } from '../../store/runs.ts';
import type { KnownRun, SendRequest } from './send.ts';

/** The run that the same send started before, if any. Errors: idempotency_mismatch when its body was different. */
export async function findKnownRun(db: Queryable, request: SendRequest): Promise<KnownRun | null> {
  const { ownerId, chatId, sendKey: key, body } = request;
  if (key === null) return null;
  const known = await findSendKey(db, { ownerId, chatId, key });
  if (!known) return null;
  if (known.bodyHash !== hashBody(body)) throw new RillError('idempotency_mismatch');
  return { kind: 'known', runId: known.runId };
}

/** Stores the key of a send, if it has one. */
export async function storeSendKey(
  db: Queryable,
  { ownerId, chatId, sendKey: key, body }: SendRequest,
  { runId, nowMs }: { readonly runId: string; readonly nowMs: number },
): Promise<void> {
  if (key === null) return;
  await insertSendKey(db, { ownerId, chatId, key }, { runId, bodyHash: hashBody(body), nowMs });
}

function hashBody(body: SendMessage): string {
  const {
    clientMessageId: _key,
    createChat: _createChat,
    newChat: _newChat,
    webSearch: _web,
    ...hashed
  } = body;
  const sorted = JSON.stringify(hashed, (_key, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(sorted).digest('base64url');
}
