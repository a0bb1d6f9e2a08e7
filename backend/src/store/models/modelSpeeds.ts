/** Computes the speed of each model from the newest answers of a user, reading only an index. */
import type { ModelSpeed } from '@rill/protocol';
import type { Queryable } from '../../database/database.ts';

/** Most answers that are read, and how many of the newest count for each model. */
const maxAnswers = 2000;
const maxPerModel = 50;

/** By the id of the model. */
export async function listModelSpeeds(db: Queryable, ownerId: string): Promise<Record<string, ModelSpeed>> {
  const rows = await db
    .selectFrom('runs')
    .select(['answered_model', 'first_text_ms', 'tokens_per_second'])
    .where('owner_id', '=', ownerId)
    .where('answered_model', 'is not', null)
    .orderBy('id', 'desc')
    .limit(maxAnswers)
    .execute();
  const byModel = Map.groupBy(rows, (row) => row.answered_model ?? '');
  return Object.fromEntries(
    [...byModel].map(([model, answers]) => {
      const newest = answers.slice(0, maxPerModel);
      const rates = newest.flatMap((row) =>
        row.tokens_per_second === null ? [] : [Number(row.tokens_per_second)],
      );
      const speed: ModelSpeed = {
        answerCount: newest.length,
        firstTextMs: Math.round(medianOf(newest.map((row) => Number(row.first_text_ms))) ?? 0),
        tokensPerSecond: medianOf(rates),
      };
      return [model, speed];
    }),
  );
}

/** The median, for an even count the lower of both middle values; null for none. */
function medianOf(values: readonly number[]): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}
