/**
 * Lists the tables of an archive, the columns that are left out, and the schemas of JSON columns. A column that no list
 * names is included, so a new one cannot be forgotten; a test refuses a table that is neither included nor excluded.
 */
import {
  Annotation,
  ContextReport,
  FileMediaType,
  FileReference,
  GeneratedImage,
  GenerationOptions,
  maxFileBytes,
  maxFileNameLength,
  maxPictureSide,
  RunError,
  Timeouts,
  Timings,
  TitleReceipt,
  ToolCall,
  Usage,
} from '@rill/protocol';
import { type TSchema, Type } from 'typebox';
import type { DatabaseSchema } from '../database/schema.ts';

export type TableName = keyof DatabaseSchema;

export interface ArchiveTable {
  readonly name: TableName;
  /** Columns that name a row. */
  readonly key: readonly string[];
  /** Columns that only this process or machine can fill, and their values in a restored row. */
  readonly leftOut: Readonly<Record<string, string | number | null>>;
  /** True when a `project_id` that is not null must be the id of a project. */
  readonly isOfProject?: true;
  /** Schemas for column values, in addition to the database's type; for a `…_json` column, of the parsed JSON. */
  readonly schemas: Readonly<Record<string, TSchema>>;
}

/** A UUIDv7, as the server makes: it sorts among the server's ids. */
const StoredId = Type.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$',
});
/** Ids of chats and of what clients name may have any form that the protocol allows. */
const AnyId = Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9-]+$' });
const oneOf = (...words: readonly string[]) => Type.Union(words.map((word) => Type.Literal(word)));
/** JSON that only the server reads, and accepts in any form. */
const AnyObject = Type.Record(Type.String(), Type.Unknown());
const ended = ['completed', 'cancelled', 'failed', 'interrupted'] as const;

const Extras = Type.Object({
  refusal: Type.Optional(Type.String()),
  annotations: Type.Optional(Type.Array(Annotation)),
  images: Type.Optional(Type.Array(GeneratedImage)),
  toolCalls: Type.Optional(Type.Array(ToolCall)),
  thought: Type.Optional(Type.Object({ model: Type.String(), details: Type.Array(AnyObject) })),
});

const projects: ArchiveTable = {
  name: 'projects',
  key: ['id'],
  leftOut: {},
  schemas: { id: StoredId, options_json: GenerationOptions, timeouts_json: Timeouts },
};

const chats: ArchiveTable = {
  name: 'chats',
  key: ['id'],
  // Temporary chats are never in a database file.
  leftOut: { is_temporary: 0 },
  schemas: {
    id: AnyId,
    project_id: StoredId,
    title_source: oneOf('question', 'model', 'user'),
    title_receipt_json: TitleReceipt,
    options_json: GenerationOptions,
    timeouts_json: Timeouts,
    unread: oneOf('answer', 'failure'),
  },
};

const messages: ArchiveTable = {
  name: 'messages',
  key: ['id'],
  leftOut: {},
  schemas: {
    id: StoredId,
    parent_id: StoredId,
    role: oneOf('user', 'assistant'),
    // Answers in progress are not archived.
    status: oneOf(...ended),
    extras_json: Extras,
    files_json: Type.Array(FileReference),
    error_json: RunError,
    usage_json: Usage,
    timings_json: Timings,
    copy_kind: oneOf('fork', 'edit', 'edit-parts'),
    context_mark: oneOf('pinned', 'kept-out', 'summary'),
  },
};

const runs: ArchiveTable = {
  name: 'runs',
  key: ['id'],
  leftOut: {
    boot_id: 'restored',
    epoch: 0,
    lease_expires_at_ms: 0,
    created_elapsed_ms: null,
    elapsed_origin: null,
    recovery_attempts: null,
    thinking_length: null,
  },
  schemas: {
    id: StoredId,
    message_id: StoredId,
    state: oneOf(...ended),
    settings_json: AnyObject,
    context_json: ContextReport,
    error_json: RunError,
  },
};

const generations: ArchiveTable = {
  name: 'generations',
  key: ['id'],
  leftOut: {},
  schemas: {
    id: StoredId,
    run_id: StoredId,
    outcome: oneOf('open', 'completed', 'cancelled', 'failed'),
    usage_json: AnyObject,
    error_json: AnyObject,
    sent_json: AnyObject,
  },
};

const drafts: ArchiveTable = {
  name: 'drafts',
  key: ['id'],
  leftOut: {},
  schemas: { id: AnyId, files_json: Type.Array(FileReference) },
};

const queues: ArchiveTable = {
  name: 'chat_queues',
  key: ['chat_id'],
  leftOut: {},
  schemas: { paused_by: oneOf('cancelled', 'failed', 'interrupted', 'refused') },
};

const queued: ArchiveTable = {
  name: 'queued_messages',
  key: ['id'],
  // A restored queue does not continue until its user resumes it.
  leftOut: { is_due: 0 },
  schemas: { id: StoredId, files_json: Type.Array(FileReference) },
};

const importedChats: ArchiveTable = {
  name: 'imported_chats',
  key: ['owner_id', 'product', 'source_id'],
  leftOut: {},
  schemas: { message_ids_json: Type.Array(Type.Tuple([Type.String(), StoredId])) },
};

const files: ArchiveTable = {
  name: 'files',
  key: ['id'],
  leftOut: {},
  schemas: {
    id: StoredId,
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    name: Type.String({ minLength: 1, maxLength: maxFileNameLength }),
    media_type: FileMediaType,
    size_bytes: Type.Integer({ minimum: 1, maximum: maxFileBytes }),
    width: Type.Integer({ minimum: 1, maximum: maxPictureSide }),
    height: Type.Integer({ minimum: 1, maximum: maxPictureSide }),
    page_count: Type.Integer({ minimum: 1 }),
    estimated_tokens: Type.Integer({ minimum: 0 }),
  },
};

/** The tables whose rows can refer to a file, by the column of `file_uses` for them. */
export const holderTables = {
  message_id: 'messages',
  queued_id: 'queued_messages',
  draft_id: 'drafts',
  project_id: 'projects',
} as const;

const fileUses: ArchiveTable = {
  name: 'file_uses',
  key: ['file_id', ...Object.keys(holderTables)],
  leftOut: {},
  schemas: { file_id: StoredId },
};

/** What a service read in a file, so that a restored file is not processed again. */
const fileAnnotations: ArchiveTable = {
  name: 'file_annotations',
  key: ['file_id'],
  leftOut: {},
  schemas: { file_id: StoredId, annotation_json: AnyObject },
};

const pinnedModels: ArchiveTable = {
  name: 'pinned_models',
  key: ['owner_id', 'model'],
  leftOut: {},
  schemas: {},
};

const budgets: ArchiveTable = {
  name: 'budgets',
  key: ['id'],
  leftOut: {},
  isOfProject: true,
  schemas: { id: AnyId, monthly_nanos: Type.Integer({ minimum: 0 }) },
};

const prompts: ArchiveTable = {
  name: 'prompts',
  key: ['id'],
  leftOut: {},
  isOfProject: true,
  schemas: { id: StoredId },
};

const usageEntries: ArchiveTable = {
  name: 'usage_entries',
  key: ['id'],
  leftOut: {},
  schemas: { kind: oneOf('answer', 'title'), outcome: oneOf(...ended) },
};

/** The tables of a chat, ordered so that each row follows the rows it refers to. */
export const chatParts = { chats, messages, runs, generations, drafts, queues, queued, importedChats };
/** Drafts for the next new chat of a project are in the same table as those of chats. */
export { drafts as draftTable, files as fileTable, fileUses as fileUseTable, projects as projectTable };

/** Files, and what belongs to each. */
export const fileTables = [files, fileUses, fileAnnotations] as const;

/** Other tables of the user, by the name of their entry; nothing refers to their rows. */
export const sharedTables: Readonly<Record<string, ArchiveTable>> = {
  'usage.ndjson': usageEntries,
  'pinnedModels.ndjson': pinnedModels,
  'budgets.ndjson': budgets,
  'prompts.ndjson': prompts,
};

/** All of them. */
export const archiveTables: readonly ArchiveTable[] = [
  projects,
  ...Object.values(chatParts),
  ...fileTables,
  ...Object.values(sharedTables),
];

/** Tables that no archive contains: sessions, state of this process or machine, and learned request forms. */
export const tablesLeftOut: readonly TableName[] = [
  'owners',
  'run_events',
  'send_keys',
  'sessions',
  'request_forms',
  'imports',
  'import_items',
  'budget_reservations',
];
