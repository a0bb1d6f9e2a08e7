/** Serves what answers used and cost, as JSON or as a table in a file. */
import { routes, type UsageGrouping, type UsageSplit } from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import { splitCsv, usageCsv } from '../../store/money/usageCsv.ts';
import { reportUsage } from '../../store/money/usageReport.ts';
import type { ApiDependencies } from '../apiDependencies.ts';
import { toFastifyRoute } from '../routes/table/toFastifyRoute.ts';

interface UsageRequest {
  Querystring: {
    from: string;
    to: string;
    by: UsageGrouping;
    split?: UsageSplit;
    timeZone?: string;
    format?: 'json' | 'csv';
  };
}

export function addUsageRoutes(server: FastifyInstance, { database }: ApiDependencies): void {
  server.route<UsageRequest>({
    ...toFastifyRoute(routes.getUsage),
    async handler({ ownerId, query }, reply) {
      const { from, to, by, split = null, timeZone = 'UTC', format } = query;
      const report = await reportUsage(database.reader, ownerId, { from, to, by, split, timeZone });
      if (format !== 'csv') return report;
      return reply
        .type('text/csv; charset=utf-8')
        .header(
          'content-disposition',
          `attachment; filename="usage-by-${split ? `${by}-and-${split}` : by}-${from}-${to}.csv"`,
        )
        .send(split ? splitCsv(report, split) : usageCsv(report));
    },
  });
}
