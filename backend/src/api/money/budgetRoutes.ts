/** Serves monthly budgets: of each project, and of all together. */
import { type Budget, routes, type SetBudget } from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import { monthOf, readBudget, type Spender, setLimit } from '../../store/money/budgets.ts';
import { toUsd } from '../../store/money/usageEntries.ts';
import { getProject } from '../../store/projects.ts';
import type { ApiDependencies } from '../apiDependencies.ts';
import { toFastifyRoute } from '../routes/table/toFastifyRoute.ts';

export function addBudgetRoutes(server: FastifyInstance, { clock, database }: ApiDependencies): void {
  const read = async (spender: Spender): Promise<Budget> => {
    if (spender.projectId !== null) await getProject(database.reader, spender.ownerId, spender.projectId);
    const month = monthOf(clock.nowMs());
    const { limitNanos, spentNanos, reservedNanos } = await readBudget(database.reader, spender, month);
    return {
      monthlyUsd: limitNanos === null ? null : toUsd(limitNanos),
      spentUsd: toUsd(spentNanos),
      reservedUsd: toUsd(reservedNanos),
      endsAtMs: month.untilMs,
    };
  };
  const put = async (spender: Spender, { monthlyUsd }: SetBudget): Promise<Budget> => {
    await database.transaction(async (transaction) => {
      await database.locks.owner(transaction, spender.ownerId);
      if (spender.projectId !== null) await getProject(transaction, spender.ownerId, spender.projectId);
      await setLimit(transaction, spender, monthlyUsd);
    });
    return read(spender);
  };
  server.route({
    ...toFastifyRoute(routes.getBudget),
    handler: ({ ownerId }) => read({ ownerId, projectId: null }),
  });
  server.route<{ Body: SetBudget }>({
    ...toFastifyRoute(routes.putBudget),
    handler: ({ ownerId, body }) => put({ ownerId, projectId: null }, body),
  });
  server.route<{ Params: { id: string } }>({
    ...toFastifyRoute(routes.getProjectBudget),
    handler: ({ ownerId, params }) => read({ ownerId, projectId: params.id }),
  });
  server.route<{ Params: { id: string }; Body: SetBudget }>({
    ...toFastifyRoute(routes.putProjectBudget),
    handler: ({ ownerId, params, body }) => put({ ownerId, projectId: params.id }, body),
  });
}
