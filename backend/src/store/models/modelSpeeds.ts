/** Reads how fast each model was in the newest answers of a user, from an index alone. */
import type { ModelSpeed } from '@rill/protocol';
import type { Queryable } from '../../database/database.ts';

/** Answers that are read, and of those the newest that count for each model. */
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

/** The middle value, of an even count the lower one; null for none. */
function medianOf(values: readonly number[]): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}
