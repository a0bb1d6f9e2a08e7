/** Defines the tables for kysely; the migrations are in each engine's `schema/`. `_json` is JSON text, times are in ms. */
import type { FileMediaType } from '@rill/protocol';
import type { Generated, Insertable, Selectable } from 'kysely';
import type { PromptsTable } from './promptsTable.ts';

export interface OwnersTable {
  id: string;
  name: string;
  created_at_ms: number;
}

export interface ProjectsTable {
  id: string;
  owner_id: string;
  name: string;
  system_prompt: string | null;
  default_model: string | null;
  options_json: string | null;
  timeouts_json: string | null;
  created_at_ms: number;
  updated_at_ms: number;
}

export interface ChatsTable {
  id: string;
  owner_id: string;
  project_id: string;
  title: string;
  /** Only a title of the question may be replaced by a model's. */
  title_source: Generated<'question' | 'model' | 'user'>;
  title_receipt_json: string | null;
  /** Sum of what is known of its answers, on all branches and deleted ones too, copies not; null when nothing is. */
  cost_usd: number | null;
  /** Number of answers whose part in that is an estimate or not known. */
  uncertain_costs: Generated<number>;
  model: string | null;
  /** What goes before the options and the limits on waiting of the project; null for nothing. */
  options_json: string | null;
  timeouts_json: string | null;
  /** Last message of the branch that is shown. */
  active_leaf_id: string | null;
  /** Since when it is pinned, archived or in the bin; null when it is not. In the bin the other two are kept. */
  pinned_at_ms: number | null;
  archived_at_ms: number | null;
  deleted_at_ms: number | null;
  /** How the newest answer ended that the user has not seen. */
  unread: 'answer' | 'failure' | null;
  /** The message at which the branch ended of which this chat is a copy; null in a chat that is none. */
  forked_from_chat_id: string | null;
  forked_from_message_id: string | null;
  /** 1 in the memory of the process only: what is kept of it is stored with 0. */
  is_temporary: Generated<number>;
  /** 1 when its answers may use the web. */
  web_search: Generated<number>;
  created_at_ms: number;
  updated_at_ms: number;
}

export interface MessagesTable {
  id: string;
  owner_id: string;
  chat_id: string;
  parent_id: string | null;
  role: 'user' | 'assistant';
  status: 'streaming' | 'completed' | 'cancelled' | 'failed' | 'interrupted';
  content: string;
  reasoning: string;
  /** Refusal, annotations, images and tool calls. */
  extras_json: string | null;
  run_id: string | null;
  model: string | null;
  provider: string | null;
  finish_reason: string | null;
  error_json: string | null;
  usage_json: string | null;
  timings_json: string | null;
  /** The message that this one was copied from, never a copy itself; its usage is counted there. Null in an original. */
  copy_of: string | null;
  /** `edit-parts`: the user's version of an answer of several parts, whose usage is the sum of theirs. */
  copy_kind: 'fork' | 'edit' | 'edit-parts' | null;
  /** An id from when it was shown again as the end of a branch; null while it was only shown when it was made. */
  shown_id: string | null;
  /** The message that was deleted, for it and for all that went with it; null in what is not deleted. */
  deleted_with_id: string | null;
  deleted_at_ms: number | null;
  /** What the user decided for the requests to come; null for nothing. */
  context_mark: 'pinned' | 'kept-out' | 'summary' | null;
  /** What the user sent with it; null for nothing. */
  files_json: string | null;
  created_at_ms: number;
}

export interface RunsTable {
  id: string;
  owner_id: string;
  project_id: string;
  chat_id: string;
  message_id: string;
  state: 'accepted' | 'connecting' | 'streaming' | 'completed' | 'cancelled' | 'failed' | 'interrupted';
  model: string;
  settings_json: string;
  context_json: string | null;
  error_json: string | null;
  /** The process start that owns the run; a write with another epoch is refused. */
  boot_id: string;
  epoch: number;
  /** By the steady clock: from here on another process may end the run, as its owner has not renewed the lease in time. */
  lease_expires_at_ms: number;
  cancel_requested_at_ms: number | null;
  /** When the run was started again after a crash; null when it never was. */
  restarted_at_ms: number | null;
  created_at_ms: number;
  /** The same by the steady clock, and what that counts from; null in runs of an older version. */
  created_elapsed_ms: number | null;
  elapsed_origin: string | null;
  /** Times that a process began to end or to restart the run after its own had died; null for never. */
  recovery_attempts: number | null;
  /** UTF-16 units at the start of the text in the log that turned out to be thinking; null for none. */
  thinking_length: number | null;
  ended_at_ms: number | null;
  /** Seq of the terminal event; kept when the log's rows are gone. */
  last_seq: number | null;
  /** Id of the model that answered completely, as the provider lists it, and how fast it was; null in any other run. */
  answered_model: string | null;
  first_text_ms: number | null;
  /** While text came; null also in answers that are too short to say. */
  tokens_per_second: number | null;
}

export interface RunEventsTable {
  /** Grows in the order of the commits: the events of all runs lie one after another as they came. */
  id: Generated<number>;
  run_id: string;
  seq: number;
  type: string;
  data: string;
  content_length: number;
  reasoning_length: number;
}

export interface GenerationsTable {
  id: string;
  run_id: string;
  attempt: number;
  /** The provider's id of a call that it took, `gen-…` at OpenRouter; null for one that it did not take. */
  generation_id: string | null;
  model: string | null;
  provider: string | null;
  outcome: 'open' | 'completed' | 'cancelled' | 'failed';
  finish_reason: string | null;
  /** The provider's `usage`: as the stream brought it, or from its record of the call. */
  usage_json: string | null;
  error_json: string | null;
  started_at_ms: number;
  ended_at_ms: number | null;
  /** When the provider is asked next what the call used; null when it is not, or no longer. */
  next_look_up_at_ms: number | null;
  /** How often it was asked. */
  look_up_count: number;
  /** The fields of the request as it was sent, without its messages; null in calls of an older version. */
  sent_json: string | null;
}

export interface SendKeysTable {
  owner_id: string;
  chat_id: string;
  send_key: string;
  body_hash: string;
  run_id: string;
  created_at_ms: number;
}

/** Sessions of signed-in browsers. */
export interface SessionsTable {
  /** Digest of the secret in the cookie. */
  id: string;
  owner_id: string;
  /** Digest of the access token that opened it. */
  token_digest: string;
  created_at_ms: number;
  expires_at_ms: number;
}

/** The form in which a server takes questions to a model, where that is not the full one. */
export interface RequestFormsTable {
  /** Digest of the provider's address, which may hold a secret. */
  server: string;
  model: string;
  form_json: string;
  learned_at_ms: number;
}

/** Pinned models, which come first in the user's list. */
export interface PinnedModelsTable {
  owner_id: string;
  model: string;
  pinned_at_ms: number;
}

/** Drafts of chats, and of the next new chat of a project; the id is that of the chat or the project. */
export interface DraftsTable {
  id: string;
  owner_id: string;
  project_id: string | null;
  chat_id: string | null;
  content: string;
  /** What `content` replaced, though its writer had not read it. */
  other_content: string;
  revision: number;
  writer: string | null;
  /** What is to be sent with `content`; null for nothing. */
  files_json: string | null;
  edited_at_ms: number;
}

/** The queue of a chat in which a message waits or has waited. */
export interface ChatQueuesTable {
  chat_id: string;
  owner_id: string;
  paused_by: 'cancelled' | 'failed' | 'interrupted' | 'refused' | null;
  problem: string | null;
  revision: number;
}

/** Messages that wait until the answer before them is complete. */
export interface QueuedMessagesTable {
  id: string;
  chat_id: string;
  owner_id: string;
  send_key: string;
  content: string;
  model: string | null;
  /** What is to be sent with it; null for nothing. */
  files_json: string | null;
  /** From 0, without a gap. */
  position: number;
  /** 1 once it is to be sent however the answer before it ends. */
  is_due: number;
  created_at_ms: number;
}

/** Imports that are known; the data of one that is not over is a file beside the database. */
export interface ImportsTable {
  id: string;
  owner_id: string;
  name: string;
  size_bytes: number;
  state: 'counting' | 'counted' | 'running' | 'stopped' | 'completed' | 'failed';
  product: string | null;
  count_json: string | null;
  /** Project for chats that bring none; null until one is chosen or made. */
  project_id: string | null;
  problem: string | null;
  created_at_ms: number;
  ended_at_ms: number | null;
  /** The process start that works on it; null when none does, and in those of an older version. */
  boot_id: string | null;
}

/** The result of an import for each thing in it. */
export interface ImportItemsTable {
  /** Grows in the order of the report. */
  id: Generated<number>;
  import_id: string;
  key: string;
  title: string;
  outcome: 'imported' | 'partial' | 'updated' | 'unchanged' | 'skipped' | 'failed';
  chat_id: string | null;
  project_id: string | null;
  notes_json: string | null;
}

/** What an answer or a title used; it stays when its chat and its project are deleted. */
export interface UsageEntriesTable {
  /** That of the run, or of the chat that was named. */
  id: string;
  owner_id: string;
  project_id: string;
  kind: 'answer' | 'title';
  /** The model that answered. */
  model: string;
  outcome: 'completed' | 'cancelled' | 'failed' | 'interrupted';
  started_at_ms: number;
  prompt_tokens: number;
  cached_tokens: number;
  completion_tokens: number;
  /** Billionths of a US dollar; null when not known. */
  cost_nanos: number | null;
  /** 1 unless every figure came from the provider. */
  is_estimated: number;
  first_delta_ms: number | null;
  total_ms: number | null;
}

/** Which conversation of another product a chat was, and what the last import of it left. */
export interface ImportedChatsTable {
  owner_id: string;
  product: string;
  /** Of the conversation, in the product. */
  source_id: string;
  chat_id: string;
  /** Of all that was read of it. */
  digest: string;
  title: string;
  leaf_id: string | null;
  /** Pairs: the id of each message in the product, and here. */
  message_ids_json: string;
}

/** Files of users and of models; the bytes are in the store of files, by their digest. */
export interface FilesTable {
  id: string;
  owner_id: string;
  sha256: string;
  name: string;
  media_type: FileMediaType;
  size_bytes: number;
  width: number | null;
  height: number | null;
  page_count: number | null;
  estimated_tokens: number | null;
  /** Until then it stays though nothing has it. */
  kept_until_ms: number;
  created_at_ms: number;
}

/** References to a file: exactly one of the four is not null. */
export interface FileUsesTable {
  file_id: string;
  message_id: string | null;
  queued_id: string | null;
  draft_id: string | null;
  project_id: string | null;
}

/** Monthly budgets. */
export interface BudgetsTable {
  /** That of the project, or of the owner for all of their projects. */
  id: string;
  owner_id: string;
  project_id: string | null;
  /** Billionths of a US dollar. */
  monthly_nanos: number;
}

/** The reserved cost of an answer in progress, where a budget limits it. */
export interface BudgetReservationsTable {
  run_id: string;
  owner_id: string;
  project_id: string;
  nanos: number;
  /** The process start that writes the answer; null in those of an older version. */
  boot_id: string | null;
}

/** What a service read in a file, as it sent it. */
export interface FileAnnotationsTable {
  file_id: string;
  annotation_json: string;
}

export interface DatabaseSchema {
  owners: OwnersTable;
  projects: ProjectsTable;
  chats: ChatsTable;
  messages: MessagesTable;
  runs: RunsTable;
  run_events: RunEventsTable;
  generations: GenerationsTable;
  send_keys: SendKeysTable;
  sessions: SessionsTable;
  request_forms: RequestFormsTable;
  pinned_models: PinnedModelsTable;
  drafts: DraftsTable;
  chat_queues: ChatQueuesTable;
  queued_messages: QueuedMessagesTable;
  prompts: PromptsTable;
  imports: ImportsTable;
  import_items: ImportItemsTable;
  usage_entries: UsageEntriesTable;
  imported_chats: ImportedChatsTable;
  files: FilesTable;
  file_uses: FileUsesTable;
  file_annotations: FileAnnotationsTable;
  budgets: BudgetsTable;
  budget_reservations: BudgetReservationsTable;
}

export type ProjectRow = Selectable<ProjectsTable>;
export type ChatRow = Selectable<ChatsTable>;
export type MessageRow = Selectable<MessagesTable>;
export type RunRow = Selectable<RunsTable>;
export type GenerationRow = Selectable<GenerationsTable>;
export type SendKeyRow = Selectable<SendKeysTable>;
export type DraftRow = Selectable<DraftsTable>;
export type BudgetReservationRow = Selectable<BudgetReservationsTable>;
export type UsageEntryRow = Selectable<UsageEntriesTable>;
export type QueuedMessageRow = Selectable<QueuedMessagesTable>;
export type FileRow = Selectable<FilesTable>;
export type NewRunRow = Insertable<RunsTable>;
