/** Turns one conversation of a Claude export, or of a file in the format of its API, into the common form. */
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
import { readBlocks } from './claudeBlocks.ts';

export function parseClaude(conversation: Fields, options: ParseOptions): ParsedChat {
  const notes = new ImportNotes();
  const createdAtMs = timeOf(own(conversation, 'created_at'));
  const updatedAtMs = timeOf(own(conversation, 'updated_at'));
  const messages = own(conversation, 'chat_messages');
  notes.addUnlessList(messages);
  const nodes = readNodes(listOf(messages), conversation, notes);
  const arranged = arrangeMessages(nodes, {
    // The array is in the order of time.
    leafId: textOrNull(own(conversation, 'current_leaf_message_uuid')) ?? nodes.at(-1)?.id ?? null,
    fallbackTimeMs: createdAtMs ?? updatedAtMs ?? options.fallbackTimeMs,
  });
  return finishChat({
    product: 'claude',
    id: textOrNull(own(conversation, 'uuid')),
    title: textOf(own(conversation, 'name')),
    createdAtMs,
    updatedAtMs,
    isArchived: false,
    isPinned: own(conversation, 'is_starred') === true,
    arranged,
    notes,
    options,
  });
}

function readNodes(messages: readonly unknown[], conversation: Fields, notes: ImportNotes): SourceNode[] {
  const nodes = new Map<string, SourceNode>();
  let previousId: string | null = null;
  for (const [index, each] of messages.entries()) {
    if (!isFields(each)) {
      notes.add('message that is none');
      continue;
    }
    const id = textOrNull(own(each, 'uuid')) ?? `message-${index}`;
    // Old exports name no parents: there each message follows the previous one. The root is an id of zeros that no
    // message has.
    const parentId = textOrNull(own(each, 'parent_message_uuid')) ?? previousId;
    previousId = id;
    if (nodes.has(id)) notes.add('message whose id another has');
    else
      nodes.set(id, {
        id,
        parentId,
        timeMs: timeOf(own(each, 'created_at')),
        rank: index,
        content: readMessage(each, conversation, notes),
      });
  }
  return [...nodes.values()];
}

function readMessage(message: Fields, conversation: Fields, notes: ImportNotes): SourceNode['content'] {
  const sender = textOf(own(message, 'sender'));
  if (sender !== 'human' && sender !== 'assistant') {
    notes.add('message of an unknown sender', sender || 'without a name');
    return null;
  }
  const content = own(message, 'content');
  const blocks = listOf(content);
  const parts = readBlocks(blocks, notes);
  // The flat copy is incomplete; it is used only if the blocks are missing, or contain no text.
  const isFlat = parts.text === '' && blocks.every((block) => own(fieldsOf(block), 'type') === 'text');
  const text = isFlat ? textOf(content) || textOf(own(message, 'text')) : parts.text;
  const files = [...readFiles(message), ...parts.files];
  if (text.trim() === '' && parts.thoughts === '' && files.length === 0 && parts.toolCalls.length === 0)
    return null;
  if (sender === 'human') return { kind: 'user', text, files };
  const model = textOrNull(own(message, 'model')) ?? textOrNull(own(conversation, 'model'));
  return {
    kind: 'answer',
    ...parts,
    text,
    files,
    ...(model && { model: `anthropic/${model}` }),
    ...(own(message, 'stop_reason') === 'max_tokens' && { finishReason: 'length' }),
    ...(own(message, 'stop_reason') === 'user_canceled' && { status: 'cancelled' as const }),
  };
}

/**
 * Attachments contain their text; other files are only named, and each attachment is named there again. Several may
 * share a name: every pasted picture is called `image.png`.
 */
function readFiles(message: Fields): ImportedFile[] {
  const files: ImportedFile[] = [];
  const seen = new Set<string>();
  const namedAgain = new Map<string, number>();
  for (const each of listOf(own(message, 'attachments'))) {
    const attachment = fieldsOf(each);
    const name = textOf(own(attachment, 'file_name'));
    namedAgain.set(name, (namedAgain.get(name) ?? 0) + 1);
    const text = textOrNull(own(attachment, 'extracted_content'));
    files.push({
      name: name || 'Pasted text.txt',
      source: text === null ? { kind: 'absent' } : { kind: 'text', text },
    });
  }
  for (const each of [...listOf(own(message, 'files')), ...listOf(own(message, 'files_v2'))]) {
    const file = fieldsOf(each);
    const id = textOf(own(file, 'file_uuid'));
    const name = textOf(own(file, 'file_name'));
    const key = id === '' ? `name ${name}` : `id ${id}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const attachments = namedAgain.get(name) ?? 0;
    namedAgain.set(name, attachments - 1);
    if (attachments > 0) continue;
    files.push({ name: name || 'File', source: id === '' ? { kind: 'absent' } : { kind: 'archive', id } });
  }
  return files;
}
