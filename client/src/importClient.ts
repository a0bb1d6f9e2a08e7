/** Makes the client's functions for exports, whose addresses it returns, and for imports. */
import type { ImportItem, ImportJob, ImportOutcome, StartImport } from '@rill/protocol';
import { chatExportPath, clientRoutes, exportPath } from './http/clientRoutes.ts';
import { type HttpOptions, type JsonCall, openBytes } from './http/request.ts';
import { type ClientRoute, fillPath } from './http/routePath.ts';

interface Abortable {
  readonly signal?: AbortSignal | undefined;
}

/** Names an import. */
export interface ImportRef {
  readonly importId: string;
}

export interface ImportClient {
  /** Address of everything as one zip file, for a link that downloads it. */
  readonly archiveUrl: string;
  /** Address of a chat as a file. */
  chatExportUrl(request: { projectId: string; chatId: string; format: 'markdown' | 'json' }): string;
  /** The bytes of everything as one zip file. */
  exportArchive(request?: Abortable): Promise<ReadableStream<Uint8Array>>;
  /**
   * Sends an archive of Rill or an export of another product; its contents are then counted. Errors: body_too_large.
   */
  createImport(request: { file: Blob; name?: string; start?: boolean } & Abortable): Promise<ImportJob>;
  listImports(request?: Abortable): Promise<{ imports: ImportJob[] }>;
  getImport(request: ImportRef & Abortable): Promise<ImportJob>;
  /** One page of the report: the result for each thing. */
  getImportReport(
    request: ImportRef & { outcome?: ImportOutcome; limit?: number; pageToken?: string } & Abortable,
  ): Promise<{ items: ImportItem[]; nextPageToken: string | null }>;
  /** Stores the counted contents, or continues an import that was stopped. */
  startImport(request: ImportRef & StartImport & Abortable): Promise<ImportJob>;
  /** Stops an import; what is already stored is kept. */
  stopImport(request: ImportRef & Abortable): Promise<ImportJob>;
  /** Deletes an import and its report; what it stored is kept. */
  deleteImport(request: ImportRef & Abortable): Promise<void>;
}

type Call = <Result>(route: ClientRoute, request: JsonCall) => Promise<Result>;

export function importCalls(http: HttpOptions, call: Call): ImportClient {
  const { createImport, listImports, getImport, getImportReport, startImport, stopImport, deleteImport } =
    clientRoutes;
  const withId =
    <Result>(route: ClientRoute) =>
    ({ importId, signal }: ImportRef & Abortable) =>
      call<Result>(route, { params: { importId }, signal });
  return {
    archiveUrl: http.baseUrl + exportPath,
    chatExportUrl: ({ projectId: id, chatId, format }) =>
      `${http.baseUrl}${fillPath(chatExportPath, { id, chatId })}?format=${format}`,
    exportArchive: ({ signal } = {}) => openBytes(http, { method: 'GET', path: exportPath, signal }),
    createImport: ({ file, signal, ...query }) => call(createImport, { bytes: file, query, signal }),
    listImports: (request = {}) => call(listImports, request),
    getImport: withId(getImport),
    getImportReport: ({ importId, signal, ...query }) =>
      call(getImportReport, { params: { importId }, query, signal }),
    startImport: ({ importId, signal, ...body }) => call(startImport, { params: { importId }, body, signal }),
    stopImport: withId(stopImport),
    deleteImport: async ({ importId, signal }) => {
      await call(deleteImport, { params: { importId }, signal });
    },
  };
}
