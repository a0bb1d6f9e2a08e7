/**
 * Waits for statements of one transaction that do not need each other's answers: an engine behind a network sends them in
 * one trip, in the order of the calls. All of them have ended when this does, so that none runs outside its transaction.
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
