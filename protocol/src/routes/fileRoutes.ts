/** Lists the routes of files: to upload one, to read its bytes, and to delete one that was never sent. */
import { type Static, Type } from 'typebox';
import { closed, Id } from '../entities/fieldSchemas.ts';
import { maxFilesOfProject } from '../entities/fileLimits.ts';
import { FileReference } from '../entities/fileReference.ts';
import { ProjectParams } from './parameters.ts';
import { NoContent, type RouteDefinition } from './routeDefinition.ts';

const FileParams = Type.Object({ fileId: Id });

/** The name of an uploaded file, and the chat that it is for. */
const UploadQuery = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 1000, description: 'Its name, without a path.' }),
  chatId: Type.Optional(
    Type.String({
      maxLength: 64,
      description: 'The chat that it is for. The file of a temporary chat is in memory only.',
    }),
  ),
});

const ContentQuery = Type.Object({
  inline: Type.Optional(
    Type.Literal('1', { description: 'Shows a picture in the page; other files are always downloaded.' }),
  ),
});

/** The files that every chat of a project gets, in place of those before. */
export const PutProjectFiles = Type.Object(
  { fileIds: Type.Array(Id, { maxItems: maxFilesOfProject }) },
  closed,
);
export type PutProjectFiles = Static<typeof PutProjectFiles>;

const ProjectFiles = Type.Object({
  files: Type.Array(FileReference, { description: 'In the order in which they were uploaded.' }),
});
const projectPath = '/api/projects/:id/files';

/** Routes of the table in `routes.ts`, by their names. */
export const fileRoutes = {
  uploadFile: {
    method: 'POST',
    path: '/api/files',
    summary: 'Stores a file; its content says what it is.',
    querystring: UploadQuery,
    takesBytes: true,
    response: { 201: FileReference },
  },
  getFileContent: {
    method: 'GET',
    path: '/api/files/:fileId/content',
    summary: 'The bytes of a file.',
    params: FileParams,
    querystring: ContentQuery,
    givesBytes: true,
    response: { 200: Type.String() },
  },
  deleteFile: {
    method: 'DELETE',
    path: '/api/files/:fileId',
    summary: 'Deletes a file that no message, draft or project has.',
    params: FileParams,
    response: { 204: NoContent },
  },
  listProjectFiles: {
    method: 'GET',
    path: projectPath,
    summary: 'The files that every chat of a project is given.',
    params: ProjectParams,
    response: { 200: ProjectFiles },
  },
  putProjectFiles: {
    method: 'PUT',
    path: projectPath,
    summary: 'Replaces the files of a project.',
    params: ProjectParams,
    body: PutProjectFiles,
    response: { 200: ProjectFiles },
  },
} as const satisfies Readonly<Record<string, RouteDefinition>>;
