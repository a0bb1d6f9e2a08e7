/** Turns one conversation of a Hugging Face chat-ui export into the common form. */
import { arrangeMessages, type SourceNode } from '../form/arrangeMessages.ts';
import { finishChat, type ParsedChat, type ParseOptions } from '../form/finishChat.ts';
import type { ImportedFile } from '../form/importedChat.ts';
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
import { splitThinking } from './taggedText.ts';

export function parseChatUi(conversation: Fields, options: ParseOptions): ParsedChat {
  const notes = new ImportNotes();
  const createdAtMs = timeOf(own(conversation, 'createdAt'));
  const updatedAtMs = timeOf(own(conversation, 'updatedAt'));
  notes.addPrompt(own(conversation, 'preprompt'));
  const nodes = readNodes(conversation, notes);
  const arranged = arrangeMessages(nodes, {
    leafId: nodes.at(-1)?.id ?? null,
    fallbackTimeMs: createdAtMs ?? updatedAtMs ?? options.fallbackTimeMs,
  });
  return finishChat({
    product: 'chat-ui',
    id: textOrNull(own(conversation, '_id')) ?? textOrNull(own(fieldsOf(own(conversation, '_id')), '$oid')),
    title: textOf(own(conversation, 'title')),
    createdAtMs,
    updatedAtMs,
    isArchived: false,
    isPinned: false,
    arranged,
    notes,
    options,
  });
}

function readNodes(conversation: Fields, notes: ImportNotes): SourceNode[] {
  const messages = listOf(own(conversation, 'messages'));
  const hasTree = messages.some((each) => Array.isArray(own(fieldsOf(each), 'ancestors')));
  const sharedFiles = findSharedFiles(messages, notes);
  const nodes = new Map<string, SourceNode>();
  let previousId: string | null = null;
  let isFirstOfUser = true;
  for (const [index, each] of messages.entries()) {
    if (!isFields(each)) notes.add('message that is none');
    const message = fieldsOf(each);
    const id = textOrNull(own(message, 'id')) ?? `message-${index}`;
    const parent = hasTree ? textOrNull(listOf(own(message, 'ancestors')).at(-1)) : previousId;
    previousId = id;
    if (nodes.has(id)) {
      notes.add('message whose id another has');
      continue;
    }
    const files = sharedFiles ?? readFiles(message);
    const content = readMessage(message, conversation, notes);
    const isUser = content?.kind === 'user';
    if (content && files.length > 0 && (sharedFiles === null || (isUser && isFirstOfUser)))
      nodes.set(id, { ...nodeOf(message, id, parent, index), content: { ...content, files } });
    else nodes.set(id, { ...nodeOf(message, id, parent, index), content });
    if (isUser) isFirstOfUser = false;
  }
  return [...nodes.values()];
}

const nodeOf = (message: Fields, id: string, parentId: string | null, rank: number) => ({
  id,
  parentId,
  timeMs: timeOf(own(message, 'createdAt')),
  rank,
});

/** One version lists all files of a conversation in each of its messages: only the first message gets them. */
function findSharedFiles(messages: readonly unknown[], notes: ImportNotes): ImportedFile[] | null {
  const [first, ...others] = messages.map((each) => JSON.stringify(own(fieldsOf(each), 'files') ?? []));
  if (first === undefined || first === '[]' || others.length === 0) return null;
  if (others.some((files) => files !== first)) return null;
  notes.add('list of files that does not say which message they belong to');
  return readFiles(fieldsOf(messages[0]));
}

function readFiles(message: Fields): ImportedFile[] {
  return listOf(own(message, 'files')).map((each) => {
    if (typeof each === 'string') return { name: each, source: { kind: 'archive', id: each } };
    const file = fieldsOf(each);
    const [name, value] = [textOf(own(file, 'name')) || 'File', textOf(own(file, 'value'))];
    if (own(file, 'type') !== 'base64') return { name, source: { kind: 'archive', id: value || name } };
    const mediaType = textOf(own(file, 'mime')) || 'application/octet-stream';
    return { name, source: { kind: 'data', url: `data:${mediaType};base64,${value}` } };
  });
}

function readMessage(message: Fields, conversation: Fields, notes: ImportNotes): SourceNode['content'] {
  const from = textOf(own(message, 'from'));
  const content = textOf(own(message, 'content'));
  const hasFiles = listOf(own(message, 'files')).length > 0;
  if (from === 'system') {
    notes.addPrompt(content);
    return null;
  }
  if (typeof (own(message, 'content') ?? '') !== 'string') notes.add('text of an unknown kind');
  if (from === 'user') return content.trim() === '' && !hasFiles ? null : { kind: 'user', text: content };
  if (from !== 'assistant') {
    notes.add('message of an unknown sender', from || 'without a name');
    return null;
  }
  const { text, thoughts } = splitThinking(content);
  const reasoning = [textOf(own(message, 'reasoning')), thoughts].filter(Boolean).join('\n\n');
  if (text.trim() === '' && reasoning === '' && !hasFiles) return null;
  return {
    kind: 'answer',
    text,
    thoughts: reasoning,
    model:
      textOrNull(own(fieldsOf(own(message, 'routerMetadata')), 'model')) ??
      textOrNull(own(conversation, 'model')),
    ...(own(message, 'interrupted') === true && { status: 'cancelled' as const }),
  };
}
