/** Turns one conversation of a ChatGPT export, of any shape since 2023, into the common form. */
import { arrangeMessages, type SourceNode } from '../form/arrangeMessages.ts';
import { finishChat, type ParsedChat, type ParseOptions } from '../form/finishChat.ts';
import { ImportNotes } from '../form/importNotes.ts';
import {
  type Fields,
  fieldsOf,
  isFields,
  listOf,
  own,
  textOf,
  textOrNull,
  timeOf,
} from '../form/untrusted.ts';
import { readContent } from './chatGptContent.ts';

export function parseChatGpt(conversation: Fields, options: ParseOptions): ParsedChat {
  const notes = new ImportNotes();
  const createdAtMs = timeOf(own(conversation, 'create_time'));
  const updatedAtMs = timeOf(own(conversation, 'update_time'));
  const mapping = own(conversation, 'mapping');
  if (mapping !== undefined && mapping !== null && !isFields(mapping))
    notes.add('list of messages that is none');
  const arranged = arrangeMessages(readNodes(fieldsOf(mapping), conversation, notes), {
    leafId: textOrNull(own(conversation, 'current_node')),
    fallbackTimeMs: createdAtMs ?? updatedAtMs ?? options.fallbackTimeMs,
    joinsAnswers: true,
  });
  const pinnedAtMs = timeOf(own(conversation, 'pinned_time'));
  const isPinned = pinnedAtMs !== null || own(conversation, 'is_starred') === true;
  return finishChat({
    product: 'chatgpt',
    id: textOrNull(own(conversation, 'conversation_id')) ?? textOrNull(own(conversation, 'id')),
    title: textOf(own(conversation, 'title')),
    createdAtMs,
    updatedAtMs,
    isArchived: own(conversation, 'is_archived') === true,
    isPinned,
    projectId: readProject(conversation, notes),
    arranged,
    notes,
    options,
  });
}

/** The id of its project. A custom GPT has the same kind of id, and the export has no other trace of it. */
function readProject(conversation: Fields, notes: ImportNotes): string | null {
  const ids = [own(conversation, 'gizmo_id'), own(conversation, 'conversation_template_id')].map(textOf);
  const custom = ids.find((id) => /^g-(?!p-)/.test(id));
  if (custom !== undefined)
    notes.add('custom GPT of which the export has neither name nor instructions', custom);
  return ids.find((id) => /^g-p-[\w-]+$/.test(id))?.slice(0, maxProjectIdLength) ?? null;
}

const maxProjectIdLength = 100;

function readNodes(mapping: Fields, conversation: Fields, notes: ImportNotes): SourceNode[] {
  const context = {
    notes,
    defaultModel:
      textOrNull(own(conversation, 'default_model_slug')) ?? textOrNull(own(conversation, 'model_slug')),
  };
  const ranks = readRanks(mapping);
  return Object.entries(mapping).map(([id, each]) => {
    const node = fieldsOf(each);
    const stated = own(node, 'message') ?? null;
    const message = fieldsOf(stated);
    if ((each !== null && !isFields(each)) || (stated !== null && !isFields(stated)))
      notes.add('message that is none');
    return {
      id,
      parentId: textOrNull(own(node, 'parent')),
      timeMs: timeOf(own(message, 'create_time')),
      rank: ranks.get(id),
      content: readContent(message, context),
    };
  });
}

/** The order of siblings that their parents declare, if they do. */
function readRanks(mapping: Fields): Map<string, number> {
  const ranks = new Map<string, number>();
  for (const node of Object.values(mapping))
    for (const [rank, child] of listOf(own(fieldsOf(node), 'children')).entries())
      if (typeof child === 'string') ranks.set(child, rank);
  return ranks;
}
