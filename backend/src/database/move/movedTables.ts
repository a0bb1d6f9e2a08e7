/** Lists the tables that are moved between databases, each after the tables to which its rows refer. */
import type { DatabaseSchema } from '../schema.ts';

/** The log is not moved: only finished answers are, and their messages contain the text. */
type MovedTable = Exclude<keyof DatabaseSchema, 'run_events'>;

/** The columns that identify and order a table's rows. */
const keys: Readonly<Record<MovedTable, readonly string[]>> = {
  owners: ['id'],
  projects: ['id'],
  chats: ['id'],
  messages: ['id'],
  runs: ['id'],
  generations: ['id'],
  send_keys: ['owner_id', 'chat_id', 'send_key'],
  sessions: ['id'],
  request_forms: ['server', 'model'],
  pinned_models: ['owner_id', 'model'],
  drafts: ['id'],
  chat_queues: ['chat_id'],
  queued_messages: ['id'],
  prompts: ['id'],
  imports: ['id'],
  import_items: ['id'],
  imported_chats: ['owner_id', 'product', 'source_id'],
  usage_entries: ['id'],
  budgets: ['id'],
  budget_reservations: ['run_id'],
  files: ['id'],
  file_uses: ['file_id', 'message_id', 'queued_id', 'draft_id', 'project_id'],
  file_annotations: ['file_id'],
};

export const movedTables = Object.entries(keys) as [MovedTable, readonly string[]][];
