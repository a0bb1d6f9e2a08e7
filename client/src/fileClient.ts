/** Makes the client's functions for files: upload, address of the bytes, delete. */
import type { FileReference, PutProjectFiles } from '@rill/protocol';
import { clientRoutes, contentPath } from './http/clientRoutes.ts';
import { type HttpOptions, type JsonCall, openBytes } from './http/request.ts';
import { type ClientRoute, fillPath } from './http/routePath.ts';

/** A file to store. `chatId`: the chat that it is for; the file of a temporary chat is in the server's memory only. */
export interface UploadRequest {
  readonly name: string;
  readonly content: Blob;
  readonly chatId?: string;
  readonly signal?: AbortSignal | undefined;
}

interface ProjectFilesRef {
  readonly projectId: string;
  readonly signal?: AbortSignal | undefined;
}

export interface FileClient {
  /** Stores a file. Its content determines its type. Errors: file_too_large, file_refused. */
  uploadFile(request: UploadRequest): Promise<FileReference>;
  /** Deletes a file that no message, draft or project uses. Errors: file_in_use. */
  deleteFile(request: { readonly fileId: string; readonly signal?: AbortSignal }): Promise<void>;
  /** Lists the files that every chat of the project gets. */
  listProjectFiles(request: ProjectFilesRef): Promise<{ files: FileReference[] }>;
  /** Replaces these files. */
  putProjectFiles(request: ProjectFilesRef & PutProjectFiles): Promise<{ files: FileReference[] }>;
  /** The bytes of a file. */
  readFile(request: { readonly fileId: string; readonly signal?: AbortSignal }): Promise<Blob>;
  /** The address of a file's bytes; `isInline` is for the source of a picture in the page. */
  fileAddress(fileId: string, isInline?: boolean): string;
}

type Call = <Result>(route: ClientRoute, request: JsonCall) => Promise<Result>;

export function fileCalls(http: HttpOptions, call: Call): FileClient {
  return {
    uploadFile: ({ name, content, chatId, signal }) =>
      call(clientRoutes.uploadFile, { query: { name, chatId }, bytes: content, signal }),
    deleteFile: ({ fileId, signal }) => call(clientRoutes.deleteFile, { params: { fileId }, signal }),
    listProjectFiles: ({ projectId: id, signal }) =>
      call(clientRoutes.listProjectFiles, { params: { id }, signal }),
    putProjectFiles: ({ projectId: id, signal, ...body }) =>
      call(clientRoutes.putProjectFiles, { params: { id }, body, signal }),
    async readFile({ fileId, signal }) {
      const path = fillPath(contentPath, { fileId });
      return new Response(await openBytes(http, { method: 'GET', path, signal })).blob();
    },
    fileAddress: (fileId, isInline = false) =>
      http.baseUrl + fillPath(contentPath, { fileId }) + (isInline ? '?inline=1' : ''),
  };
}
