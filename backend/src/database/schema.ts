/** The tables as kysely sees them. Columns that end in `_json` hold JSON text; times are milliseconds. */
import type { Generated, Insertable, Selectable } from 'kysely';

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
  timeouts_json: string | null;
  created_at_ms: number;
  updated_at_ms: number;
}

export interface ChatsTable {
  id: string;
  owner_id: string;
  project_id: string;
  title: string;
  model: string | null;
  /** Last message of the branch that is shown. */
  active_leaf_id: string | null;
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
  /** What goes back to the provider with the next turn, verbatim. */
  reasoning_details_json: string | null;
  run_id: string | null;
  model: string | null;
  provider: string | null;
  finish_reason: string | null;
  error_json: string | null;
  usage_json: string | null;
  cost_usd: number | null;
  timings_json: string | null;
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
  /** From here on another process may end the run: its owner has not renewed the lease in time. */
  lease_expires_at_ms: number;
  cancel_requested_at_ms: number | null;
  /** When the run was begun anew after a crash; null when it never was. */
  restarted_at_ms: number | null;
  created_at_ms: number;
  ended_at_ms: number | null;
  /** Seq of the terminal event; kept when the log's rows are gone. */
  last_seq: number | null;
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
}

export interface SendKeysTable {
  owner_id: string;
  chat_id: string;
  send_key: string;
  body_hash: string;
  run_id: string;
  created_at_ms: number;
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
}

export type ProjectRow = Selectable<ProjectsTable>;
export type ChatRow = Selectable<ChatsTable>;
export type MessageRow = Selectable<MessagesTable>;
export type RunRow = Selectable<RunsTable>;
export type GenerationRow = Selectable<GenerationsTable>;
export type SendKeyRow = Selectable<SendKeysTable>;
export type NewRunRow = Insertable<RunsTable>;
