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
  /** A model may replace only a title of source `question`. */
  title_source: Generated<'question' | 'model' | 'user'>;
  title_receipt_json: string | null;
  /** Sum of the known costs of its answers on all branches, also deleted ones but not copies; null for none. */
  cost_usd: number | null;
  /** Number of answers whose cost is estimated or unknown. */
  uncertain_costs: Generated<number>;
  model: string | null;
  /** Options and timeouts that override the project's; null for none. */
  options_json: string | null;
  timeouts_json: string | null;
  /** Last message of the shown branch. */
  active_leaf_id: string | null;
  /** Times of pinning, archiving and binning; null when it is not. A chat in the bin keeps the other two. */
  pinned_at_ms: number | null;
  archived_at_ms: number | null;
  deleted_at_ms: number | null;
  /** How the newest unseen answer ended. */
  unread: 'answer' | 'failure' | null;
  /** The chat and the message of which this chat is a copy; null if it is not a copy. */
  forked_from_chat_id: string | null;
  forked_from_message_id: string | null;
  /** 1 only in the database in memory: a chat that is kept is stored with 0. */
  is_temporary: Generated<number>;
  /** 1 if its answers may use the web. */
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
  /** The original of a copy, never a copy itself; usage is counted there. Null in an original. */
  copy_of: string | null;
  /** `edit-parts`: the user's version of an answer in several parts, whose usage is the sum of theirs. */
  copy_kind: 'fork' | 'edit' | 'edit-parts' | null;
  /** An id made when the branch was last shown again; null if it was shown only when it was made. */
  shown_id: string | null;
  /** The deleted message, in itself and in everything deleted with it; null if not deleted. */
  deleted_with_id: string | null;
  deleted_at_ms: number | null;
  /** The user's choice for later requests; null for none. */
  context_mark: 'pinned' | 'kept-out' | 'summary' | null;
  /** Files that the user sent with it; null for none. */
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
  /** By the monotonic clock: from then on another process may end the run, as the lease was not renewed. */
  lease_expires_at_ms: number;
  cancel_requested_at_ms: number | null;
  /** When the run was restarted after a crash; null if it never was. */
  restarted_at_ms: number | null;
  created_at_ms: number;
  /** The same by the monotonic clock, and the boot from which that clock counts; null in runs of an older version. */
  created_elapsed_ms: number | null;
  elapsed_origin: string | null;
  /** How often a process began to end or restart the run after its owner had died; null for never. */
  recovery_attempts: number | null;
  /** UTF-16 units at the start of the logged text that turned out to be thinking; null for none. */
  thinking_length: number | null;
  ended_at_ms: number | null;
  /** Seq of the terminal event; kept after the log's rows are deleted. */
  last_seq: number | null;
  /** Model of a complete answer, as the provider lists it, and its speed; null in other runs. */
  answered_model: string | null;
  first_text_ms: number | null;
  /** While text arrived; null also for answers too short to measure. */
  tokens_per_second: number | null;
}

export interface RunEventsTable {
  /** Grows in commit order: the events of all runs are stored as they arrive. */
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
  /** The provider's id of an accepted call, `gen-…` at OpenRouter; null for a refused one. */
  generation_id: string | null;
  model: string | null;
  provider: string | null;
  outcome: 'open' | 'completed' | 'cancelled' | 'failed';
  finish_reason: string | null;
  /** The provider's `usage`, from the stream or from its record of the call. */
  usage_json: string | null;
  error_json: string | null;
  started_at_ms: number;
  ended_at_ms: number | null;
  /** When to ask the provider for the usage next; null for never. */
  next_look_up_at_ms: number | null;
  /** How often it was asked. */
  look_up_count: number;
  /** The fields of the request as sent, without its messages; null in calls of an older version. */
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

/** The form in which a server accepts requests to a model, where that is not the full form. */
export interface RequestFormsTable {
  /** Digest of the provider's address, which may contain a secret. */
  server: string;
  model: string;
  form_json: string;
  learned_at_ms: number;
}

/** Pinned models, listed first. */
export interface PinnedModelsTable {
  owner_id: string;
  model: string;
  pinned_at_ms: number;
}

/** Drafts of chats, and of the next new chat of a project; the id is the chat's or the project's. */
export interface DraftsTable {
  id: string;
  owner_id: string;
  project_id: string | null;
  chat_id: string | null;
  content: string;
  /** Text that `content` replaced although its writer had not read it. */
  other_content: string;
  revision: number;
  writer: string | null;
  /** Files to be sent with `content`; null for none. */
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
  /** Files to be sent with it; null for none. */
  files_json: string | null;
  /** From 0, without a gap. */
  position: number;
  /** 1 if it is to be sent however the answer before it ends. */
  is_due: number;
  created_at_ms: number;
}

/** Imports; the data of an unfinished one is a file beside the database. */
export interface ImportsTable {
  id: string;
  owner_id: string;
  name: string;
  size_bytes: number;
  state: 'counting' | 'counted' | 'running' | 'stopped' | 'completed' | 'failed';
  product: string | null;
  count_json: string | null;
  /** Project for chats without one; null until one is chosen or created. */
  project_id: string | null;
  problem: string | null;
  created_at_ms: number;
  ended_at_ms: number | null;
  /** The process start that works on it; null for none, and in imports of an older version. */
  boot_id: string | null;
}

/** The result of an import for each of its items. */
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

/** The usage of an answer or a title; it stays when its chat and its project are deleted. */
export interface UsageEntriesTable {
  /** The id of the run, or of the chat that was named. */
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
  /** Billionths of a US dollar; null when unknown. */
  cost_nanos: number | null;
  /** 1 unless the provider reported every figure. */
  is_estimated: number;
  first_delta_ms: number | null;
  total_ms: number | null;
}

/** The conversation of another product that a chat was imported from, and the state of its last import. */
export interface ImportedChatsTable {
  owner_id: string;
  product: string;
  /** The conversation's id in that product. */
  source_id: string;
  chat_id: string;
  /** Of all that was read of it. */
  digest: string;
  title: string;
  leaf_id: string | null;
  /** Pairs of message ids: in that product, and here. */
  message_ids_json: string;
}

/** Files of users and of models; their bytes are in the file store, by digest. */
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
  /** Until then the file stays even if unused. */
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
  /** The id of the project, or of the owner for all projects. */
  id: string;
  owner_id: string;
  project_id: string | null;
  /** Billionths of a US dollar. */
  monthly_nanos: number;
}

/** The reserved cost of an answer in progress, if a budget limits it. */
export interface BudgetReservationsTable {
  run_id: string;
  owner_id: string;
  project_id: string;
  nanos: number;
  /** The process start that writes the answer; null in reservations of an older version. */
  boot_id: string | null;
}

/** What a service read in a file, as it was sent. */
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
