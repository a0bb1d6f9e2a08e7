/** Defines usage reports and monthly budgets, and their routes. */
import { type Static, Type } from 'typebox';
import { closed, nullable } from '../entities/fieldSchemas.ts';
import { ProjectParams } from '../routes/parameters.ts';
import type { RouteDefinition } from '../routes/routeDefinition.ts';

const CalendarDay = (description: string) =>
  Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: `${description}, as 2026-03-14.` });

/** What the groups of a report are. */
export const UsageGrouping = Type.Union([
  Type.Literal('day'),
  Type.Literal('project'),
  Type.Literal('model'),
]);
export type UsageGrouping = Static<typeof UsageGrouping>;

/** What each day of a report is divided by. */
export const UsageSplit = Type.Union([Type.Literal('project'), Type.Literal('model')]);
export type UsageSplit = Static<typeof UsageSplit>;

/** Which answers to sum up: those that were sent from the first day to the last, in the given time zone. */
export const UsageQuery = Type.Object({
  from: CalendarDay('The first day'),
  to: CalendarDay('The last day; at most 400 days in all'),
  by: UsageGrouping,
  split: Type.Optional(UsageSplit),
  timeZone: Type.Optional(
    Type.String({ minLength: 1, maxLength: 64, description: 'Such as `Europe/Rome`; default `UTC`.' }),
  ),
  format: Type.Optional(
    Type.Union([Type.Literal('json'), Type.Literal('csv')], {
      description: '`csv` gives the groups as a file; default `json`.',
    }),
  ),
});
export type UsageQuery = Static<typeof UsageQuery>;

const Count = (description: string) => Type.Integer({ minimum: 0, description });
const Tokens = (description: string) => Type.Number({ minimum: 0, description });

/** The median and the 95th percentile of some figures; each may be 1 % off. */
export const Percentiles = Type.Object({
  p50: Type.Number({ minimum: 0 }),
  p95: Type.Number({ minimum: 0 }),
});
export type Percentiles = Static<typeof Percentiles>;

/** The sums of some answers. Titles of chats count in tokens and cost, but not as answers. */
export const UsageSums = Type.Object({
  answerCount: Count('Answers that have ended.'),
  stoppedCount: Count('Of them those that the user stopped.'),
  failedCount: Count('Of them those that ended with an error.'),
  promptTokens: Tokens('Tokens that were sent.'),
  cachedTokens: Tokens('Of them those that were read from a cache.'),
  completionTokens: Tokens('Tokens that were written, with reasoning.'),
  costUsd: Type.Number({ minimum: 0, description: 'US dollars: the sum of what is known.' }),
  estimatedUsd: Type.Number({
    minimum: 0,
    description: "The part of it that is an estimate, until the provider's figure replaces it.",
  }),
  unknownCount: Count('Answers and titles whose cost is not known, and is not in the sum.'),
  firstDeltaMs: nullable(Percentiles),
  tokensPerSecond: nullable(Percentiles),
});
export type UsageSums = Static<typeof UsageSums>;

/** The share of one project or model in a day. */
export const UsagePart = Type.Object({
  key: Type.String({ description: 'The id of the project or of the model.' }),
  name: nullable(Type.String({ description: 'Name of the project; null for models and what is gone.' })),
  answerCount: Count('Answers that have ended.'),
  costUsd: Type.Number({ minimum: 0, description: 'US dollars.' }),
  estimatedUsd: Type.Number({ minimum: 0, description: 'The part of it that is an estimate.' }),
});
export type UsagePart = Static<typeof UsagePart>;

/** One day, project or model. */
export const UsageGroup = Type.Object({
  key: Type.String({ description: 'The day, the id of the project, or the id of the model.' }),
  name: nullable(
    Type.String({ description: 'Name of the project; null for days, models and projects that are gone.' }),
  ),
  sums: UsageSums,
  parts: Type.Optional(
    Type.Array(UsagePart, {
      description: 'Only with `split`: the dearest first, and their sum is the whole.',
    }),
  ),
});
export type UsageGroup = Static<typeof UsageGroup>;

/** The usage of a period. Days are in order, those without usage omitted; projects and models are ordered by cost. */
export const UsageReport = Type.Object({
  from: Type.String(),
  to: Type.String(),
  timeZone: Type.String(),
  by: UsageGrouping,
  total: UsageSums,
  groups: Type.Array(UsageGroup),
});
export type UsageReport = Static<typeof UsageReport>;

/** The amount that may be spent in each month of UTC; null for no limit. */
export const SetBudget = Type.Object(
  {
    monthlyUsd: nullable(
      Type.Number({ exclusiveMinimum: 0, maximum: 1_000_000, description: 'US dollars.' }),
    ),
  },
  closed,
);
export type SetBudget = Static<typeof SetBudget>;

/** A budget, and how much of it is used in this month. */
export const Budget = Type.Object({
  monthlyUsd: nullable(Type.Number({ description: 'US dollars; null for no limit.' })),
  spentUsd: Type.Number({ description: 'US dollars: answers and titles that have ended, with estimates.' }),
  reservedUsd: Type.Number({ description: 'What answers that are being written may cost at most.' }),
  endsAtMs: Type.Integer({
    description: 'When the next month begins, in milliseconds since the Unix epoch.',
  }),
});
export type Budget = Static<typeof Budget>;

const projectBudgetPath = '/api/projects/:id/budget';

/** Routes of the table in `routes.ts`, by their names. */
export const moneyRoutes = {
  getUsage: {
    method: 'GET',
    path: '/api/usage',
    summary: 'What answers used and cost, by day, project or model; deleted chats included.',
    querystring: UsageQuery,
    response: { 200: UsageReport },
  },
  getBudget: {
    method: 'GET',
    path: '/api/budget',
    summary: 'The monthly budget of all projects together, and what of it is used.',
    response: { 200: Budget },
  },
  putBudget: {
    method: 'PUT',
    path: '/api/budget',
    summary: 'Sets the monthly budget of all projects together.',
    body: SetBudget,
    response: { 200: Budget },
  },
  getProjectBudget: {
    method: 'GET',
    path: projectBudgetPath,
    summary: 'The monthly budget of a project, and what of it is used.',
    params: ProjectParams,
    response: { 200: Budget },
  },
  putProjectBudget: {
    method: 'PUT',
    path: projectBudgetPath,
    summary: 'Sets the monthly budget of a project.',
    params: ProjectParams,
    body: SetBudget,
    response: { 200: Budget },
  },
} as const satisfies Readonly<Record<string, RouteDefinition>>;
