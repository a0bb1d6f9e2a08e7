/** Names the migrations of a SQLite file, in order; `migrations.ts` defines them. */
const names = [
  '0001-initial',
  '0002-recovery',
  '0003-reconciliation',
  '0004-send-keys-by-chat',
  '0005-events-in-order',
  '0006-sessions',
  '0008-request-forms',
  '0009-recovery-attempts',
  '0010-thinking-length',
  '0011-unread-columns',
  '0012-search-tables',
  '0014-unsent-text',
  '0015-chat-order',
  '0016-titles',
  '0018-unread-chats',
  '0019-project-options',
  '0020-conversation',
  '0021-context-marks',
  '0022-temporary-chats',
  '0024-chat-costs',
  '0025-imports',
  '0026-usage-entries',
  '0030-imported-chats',
  '0031-web-search',
  '0032-files',
  '0033-model-parameters',
  '0034-budgets',
  '0040-file-annotations',
  '0041-prompts',
  '0042-reservation-boots',
  '0043-import-boots',
] as const;

export type MigrationName = (typeof names)[number];

export const migrationNames: readonly string[] = names;
