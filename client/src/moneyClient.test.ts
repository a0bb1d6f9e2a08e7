/** Tests the calls about money: their requests and their results. */
import { expect, test } from 'vitest';
import { clientOf } from '../test/follow.ts';
import { json, ScriptedServer } from '../test/scriptedServer.ts';
import type { RillClient } from './index.ts';

const sampleBudget = { monthlyUsd: 5, spentUsd: 1, reservedUsd: 0, endsAtMs: 1 };

const rows: [string, (client: RillClient) => Promise<unknown>, number, unknown, string, unknown][] = [
  [
    'getUsage',
    (c) => c.getUsage({ from: '2026-03-01', to: '2026-03-31', by: 'day', timeZone: 'Europe/Rome' }),
    200,
    { total: {}, groups: [] },
    'GET /api/usage?from=2026-03-01&to=2026-03-31&by=day&timeZone=Europe%2FRome',
    null,
  ],
  ['getBudget', (c) => c.getBudget(), 200, sampleBudget, 'GET /api/budget', null],
  [
    'putBudget',
    (c) => c.putBudget({ monthlyUsd: 5 }),
    200,
    sampleBudget,
    'PUT /api/budget',
    { monthlyUsd: 5 },
  ],
  [
    'getProjectBudget',
    (c) => c.getBudget({ projectId: 'p1' }),
    200,
    sampleBudget,
    'GET /api/projects/p1/budget',
    null,
  ],
  [
    'putProjectBudget',
    (c) => c.putBudget({ projectId: 'p1', monthlyUsd: null }),
    200,
    sampleBudget,
    'PUT /api/projects/p1/budget',
    { monthlyUsd: null },
  ],
];

test.each(rows)('%s asks its route and resolves with its body', async (_, call, code, body, line, sent) => {
  await using server = await ScriptedServer.start(json(code, body));
  expect(await call(clientOf(server))).toEqual(body);
  const [request] = server.requests;
  expect(`${request?.method} ${request?.url}`).toBe(line);
  expect(request?.body ? JSON.parse(request.body) : null).toEqual(sent);
});
