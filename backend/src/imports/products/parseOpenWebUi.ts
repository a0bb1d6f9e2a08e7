/** Turns one chat of an Open WebUI export, a row or the bare document of old files, into the common form. */
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
import { readOpenWebUiMessage } from './openWebUiMessage.ts';

export function parseOpenWebUi(row: Fields, options: ParseOptions): ParsedChat {
  const notes = new ImportNotes();
  const inner = own(row, 'chat');
  const document = isFields(inner) ? inner : row;
  const history = fieldsOf(own(document, 'history'));
  const createdAtMs = timeOf(own(row, 'created_at')) ?? timeOf(own(document, 'timestamp'));
  const updatedAtMs = timeOf(own(row, 'updated_at'));
  const messages = own(history, 'messages');
  notes.addPrompt(own(document, 'system'), own(fieldsOf(own(document, 'params')), 'system'));
  const nodes =
    isFields(messages) && Object.keys(messages).length > 0
      ? readTree(messages, notes)
      : readChain(listOf(own(document, 'messages')), notes);
  const arranged = arrangeMessages(nodes, {
    leafId: textOrNull(own(history, 'currentId')),
    fallbackTimeMs: createdAtMs ?? updatedAtMs ?? options.fallbackTimeMs,
  });
  return finishChat({
    product: 'open-webui',
    id: textOrNull(own(row, 'id')) ?? textOrNull(own(document, 'id')),
    title: textOrNull(own(row, 'title')) ?? textOf(own(document, 'title')),
    createdAtMs,
    updatedAtMs,
    isArchived: own(row, 'archived') === true,
    isPinned: own(row, 'pinned') === true,
    arranged,
    notes,
    options,
  });
}

function readTree(messages: Fields, notes: ImportNotes): SourceNode[] {
  const ranks = new Map<string, number>();
  for (const each of Object.values(messages))
    for (const [rank, child] of listOf(own(fieldsOf(each), 'childrenIds')).entries())
      if (typeof child === 'string') ranks.set(child, rank);
  return Object.entries(messages).map(([id, each]) => {
    if (!isFields(each)) notes.add('message that is none');
    const message = fieldsOf(each);
    return {
      id,
      parentId: textOrNull(own(message, 'parentId')),
      timeMs: timeOf(own(message, 'timestamp')),
      rank: ranks.get(id),
      content: readOpenWebUiMessage(message, notes),
    };
  });
}

/** Only without a history: the list is the branch that was shown. */
function readChain(messages: readonly unknown[], notes: ImportNotes): SourceNode[] {
  let parentId: string | null = null;
  return messages.map((each, index) => {
    const message = fieldsOf(each);
    const node = {
      id: `message-${index}`,
      parentId,
      timeMs: timeOf(own(message, 'timestamp')),
      content: readOpenWebUiMessage(message, notes),
    };
    parentId = node.id;
    return node;
  });
}
