/** Lists the routes of export and import. */
import { type Static, Type } from 'typebox';
import { Id } from '../entities/entities.ts';
import { closed } from '../entities/fieldSchemas.ts';
import { ImportItem, ImportJob, ImportOutcome } from '../entities/importJob.ts';
import { ChatParams, NextPageToken, PageQuery } from './parameters.ts';
import { NoContent, type RouteDefinition } from './routeDefinition.ts';

const path = '/api/import';
const ImportParams = Type.Object({ importId: Id });

/** The file name of an import, and whether it starts as soon as it is counted. */
export const CreateImportQuery = Type.Object({
  name: Type.Optional(Type.String({ maxLength: 300, description: 'Name of the file.' })),
  start: Type.Optional(
    Type.Union([Type.Literal('true'), Type.Literal('false')], {
      description: '`true` stores as soon as it is counted.',
    }),
  ),
});

/** The project into which an import goes. */
export const StartImport = Type.Object(
  {
    projectId: Type.Optional(
      Type.Union([Id, Type.Null()], {
        description: 'Project for chats that bring none; null or absent makes one, named after the source.',
      }),
    ),
  },
  closed,
);
export type StartImport = Static<typeof StartImport>;

const ReportQuery = Type.Object({ ...PageQuery.properties, outcome: Type.Optional(ImportOutcome) });

/** Routes of the table in `routes.ts`, by their names. */
export const archiveRoutes = {
  exportArchive: {
    method: 'GET',
    path: '/api/export',
    summary: "Everything of the user as one zip file, without the provider's key.",
    response: { 200: Type.String() },
    givesBytes: true,
  },
  exportChat: {
    method: 'GET',
    path: '/api/projects/:id/chats/:chatId/export',
    summary: 'A chat as a file: the shown branch as Markdown, or all of it as JSON.',
    params: ChatParams,
    querystring: Type.Object({ format: Type.Union([Type.Literal('markdown'), Type.Literal('json')]) }),
    response: { 200: Type.String() },
    givesBytes: true,
  },
  createImport: {
    method: 'POST',
    path,
    summary:
      'Takes an archive of Rill or an export of another product as its body, and counts what is in it.',
    querystring: CreateImportQuery,
    takesBytes: true,
    response: { 202: ImportJob },
  },
  listImports: {
    method: 'GET',
    path,
    summary: 'The imports that are known, newest first, at most 100.',
    response: { 200: Type.Object({ imports: Type.Array(ImportJob) }) },
  },
  getImport: {
    method: 'GET',
    path: `${path}/:importId`,
    summary: 'How far an import is.',
    params: ImportParams,
    response: { 200: ImportJob },
  },
  getImportReport: {
    method: 'GET',
    path: `${path}/:importId/report`,
    summary: 'The result for each thing of an import, in the order of the source.',
    params: ImportParams,
    querystring: ReportQuery,
    response: { 200: Type.Object({ items: Type.Array(ImportItem), nextPageToken: NextPageToken }) },
  },
  startImport: {
    method: 'POST',
    path: `${path}/:importId/start`,
    summary: 'Stores what was counted; continues an import that was stopped.',
    params: ImportParams,
    body: StartImport,
    response: { 202: ImportJob },
  },
  stopImport: {
    method: 'POST',
    path: `${path}/:importId/stop`,
    summary: 'Stops an import between two things; what is stored stays.',
    params: ImportParams,
    response: { 200: ImportJob },
  },
  deleteImport: {
    method: 'DELETE',
    path: `${path}/:importId`,
    summary: 'Forgets an import with its report; what it stored stays.',
    params: ImportParams,
    response: { 204: NoContent },
  },
} as const satisfies Readonly<Record<string, RouteDefinition>>;
