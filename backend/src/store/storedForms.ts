/** Stores which request form each server accepts for each model, as learned from its refusals. */
import type { Queryable } from '../database/database.ts';
import type { Page } from './readAllPages.ts';

export interface StoredForm {
  readonly server: string;
  readonly model: string;
  readonly form: string;
  readonly learnedAtMs: number;
}

/** A page of the forms, by server and model. */
export async function listRequestForms(
  db: Queryable,
  page: Page<Pick<StoredForm, 'server' | 'model'>>,
): Promise<StoredForm[]> {
  const { server: afterServer, model: afterModel } = page.after ?? { server: '', model: '' };
  const rows = await db
    .selectFrom('request_forms')
    .selectAll()
    .where((where) => where(where.refTuple('server', 'model'), '>', where.tuple(afterServer, afterModel)))
    .orderBy('server')
    .orderBy('model')
    .limit(page.limit)
    .execute();
  return rows.map(({ server, model, form_json: form, learned_at_ms: learnedAtMs }) => ({
    server,
    model,
    form,
    learnedAtMs,
  }));
}

export async function saveRequestForm(db: Queryable, stored: StoredForm): Promise<void> {
  const { server, model, form: form_json, learnedAtMs: learned_at_ms } = stored;
  await db
    .insertInto('request_forms')
    .values({ server, model, form_json, learned_at_ms })
    .onConflict((conflict) => conflict.columns(['server', 'model']).doUpdateSet({ form_json, learned_at_ms }))
    .execute();
}

export async function deleteRequestForm(
  db: Queryable,
  { server, model }: Pick<StoredForm, 'server' | 'model'>,
): Promise<void> {
  await db.deleteFrom('request_forms').where('server', '=', server).where('model', '=', model).execute();
}
