/** Describes the table of saved prompts as kysely sees it. */
import type { Selectable } from 'kysely';

/** Texts that users saved for later use, in one project or, if `project_id` is null, in all. */
export interface PromptsTable {
  id: string;
  owner_id: string;
  project_id: string | null;
  name: string;
  content: string;
  created_at_ms: number;
  updated_at_ms: number;
}

export type PromptRow = Selectable<PromptsTable>;
