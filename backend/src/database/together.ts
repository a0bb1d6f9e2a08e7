/**
 * Awaits independent statements of one transaction: an engine behind a network sends them in one round trip, in call
 * order. It settles only when all of them have, so that none runs outside its transaction.
 */
export async function together<Results extends readonly unknown[]>(
  statements: readonly [...{ [Index in keyof Results]: Promise<Results[Index]> }],
): Promise<Results> {
  try {
    return (await Promise.all(statements)) as unknown as Results;
  } catch (first) {
    const outcomes: readonly PromiseSettledResult<unknown>[] = await Promise.allSettled(statements);
    // The first failure in call order, whichever came first in time.
    throw outcomes.find((outcome) => outcome.status === 'rejected')?.reason ?? first;
  }
}
