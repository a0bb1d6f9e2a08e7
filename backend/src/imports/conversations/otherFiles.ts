/** Names the JSON files of an export that contain no conversations, for the report: none is skipped silently. */
import type { ImportItem } from '@rill/protocol';
import type { ImportSource } from '../importer.ts';
import type { ConversationList } from './findLists.ts';

/** Files that products add beside their conversations, by the end of the path. */
const known: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/(^|\/)(user|users)\.json$/i, 'The account'],
  [/(^|\/)message_feedback\.json$/i, 'Feedback about answers'],
  [/(^|\/)shared_conversations\.json$/i, 'The list of shared links'],
  [/(^|\/)model_comparisons\.json$/i, 'Comparisons of models'],
  [/(^|\/)group_chats\.json$/i, 'Group chats'],
  [/(^|\/)shopping\.json$/i, 'Shopping'],
  [/(^|\/)sora\.json$/i, 'Videos'],
  [/(^|\/)(projects\.json|projects\/[^/]+\.json)$/i, 'A project with its instructions and documents'],
  [/(^|\/)(memories\.json|memories\/[^/]+\.json)$/i, 'What the product remembers of you'],
  [/(^|\/)design_chats\/[^/]+\.json$/i, 'A chat about a design'],
  [/(^|\/)assistants\.json$/i, 'Assistants'],
  [/(^|\/)(export_)?manifest[^/]*\.json$/i, 'The list of files of the export'],
];

/** A report line for each JSON file without a conversation. */
export function otherFilesOf({ entries }: ImportSource, lists: readonly ConversationList[]): ImportItem[] {
  const found = new Set(lists.map(({ entry }) => entry.name));
  return entries.flatMap(({ name }): ImportItem[] => {
    if (!/\.json$/i.test(name) || found.has(name)) return [];
    const what = known.find(([pattern]) => pattern.test(name))?.[1];
    const note = what ? `${what}: not imported.` : 'Rill found no conversation in it.';
    const outcome = what ? 'skipped' : 'failed';
    return [{ key: name, title: name, outcome, chatId: null, projectId: null, notes: [note] }];
  });
}
