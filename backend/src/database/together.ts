/**
 * Awaits statements of one transaction that do not depend on each other: an engine behind a network sends them in one
 * round trip, in call order. It settles only when all of them have, so that none runs outside its transaction.
 */
export async function together<Results extends readonly unknown[]>(
  statements: readonly [...{ [Index in keyof Results]: Promise<Results[Index]> }],
): Promise<Results> {
  const outcomes = await Promise.allSettled(statements);
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  }) as unknown as Results;
}
