/** Stores which models a user has pinned. */
import { type PinModel, RillError } from '@rill/protocol';
import type { Queryable } from '../../database/database.ts';

const maxPins = 100;

/** Ids, the last pinned first. */
export async function listPinnedModels(db: Queryable, ownerId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('pinned_models')
    .select('model')
    .where('owner_id', '=', ownerId)
    .orderBy('pinned_at_ms', 'desc')
    .orderBy('model')
    .execute();
  return rows.map(({ model }) => model);
}

/** Pins or unpins a model, and returns all pins. Errors: bad_request for too many. */
export async function pinModel(
  db: Queryable,
  ownerId: string,
  { model, isPinned }: PinModel,
  nowMs: number,
): Promise<string[]> {
  if (!isPinned) {
    await db.deleteFrom('pinned_models').where('owner_id', '=', ownerId).where('model', '=', model).execute();
    return listPinnedModels(db, ownerId);
  }
  await db
    .insertInto('pinned_models')
    .values({ owner_id: ownerId, model, pinned_at_ms: nowMs })
    .onConflict((conflict) => conflict.columns(['owner_id', 'model']).doNothing())
    .execute();
  const pinned = await listPinnedModels(db, ownerId);
  if (pinned.length > maxPins)
    throw new RillError('bad_request', { message: `At most ${maxPins} models can be pinned.` });
  return pinned;
}
