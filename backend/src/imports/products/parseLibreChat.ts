/** Turns one LibreChat export, flat or nested, into the common form. */

import type { ToolCall } from '@rill/protocol';
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
import { documentText } from './documentText.ts';
import { splitThinking, type TagForm, takeTagged } from './taggedText.ts';

export function parseLibreChat(conversation: Fields, options: ParseOptions): ParsedChat {
  const notes = new ImportNotes();
  const tree = own(conversation, 'messagesTree');
  const list = own(conversation, 'messages');
  if (!Array.isArray(tree)) notes.addUnlessList(tree ?? list);
  const messages = Array.isArray(tree) ? flatten(tree) : listOf(list);
  const settings = fieldsOf(own(conversation, 'options'));
  notes.addPrompt(own(settings, 'promptPrefix'), own(settings, 'system'));
  const nodes = readNodes(messages, notes);
  const arranged = arrangeMessages(nodes, { leafId: null, fallbackTimeMs: options.fallbackTimeMs });
  return finishChat({
    product: 'librechat',
    id: textOrNull(own(conversation, 'conversationId')),
    title: textOf(own(conversation, 'title')),
    // `exportAt` has no date.
    createdAtMs: timeOf(own(conversation, 'createdAt')),
    updatedAtMs: timeOf(own(conversation, 'updatedAt')),
    isArchived: own(conversation, 'isArchived') === true,
    isPinned: false,
    arranged,
    notes,
    options,
  });
}

function flatten(tree: readonly unknown[]): unknown[] {
  const flat: unknown[] = [];
  const open = tree.toReversed();
  while (open.length > 0) {
    const message = open.pop();
    flat.push(message);
    for (const child of listOf(own(fieldsOf(message), 'children')).toReversed()) open.push(child);
  }
  return flat;
}

function readNodes(messages: readonly unknown[], notes: ImportNotes): SourceNode[] {
  const nodes = new Map<string, SourceNode>();
  for (const [index, each] of messages.entries()) {
    if (!isFields(each)) notes.add('message that is none');
    const message = fieldsOf(each);
    const id = textOrNull(own(message, 'messageId')) ?? `message-${index}`;
    if (nodes.has(id)) {
      notes.add('message whose id another has');
      continue;
    }
    nodes.set(id, {
      id,
      // The root is an id of zeros that no message has.
      parentId: textOrNull(own(message, 'parentMessageId')),
      timeMs: timeOf(own(message, 'createdAt')),
      rank: index,
      content: readMessage(message, notes),
    });
  }
  return [...nodes.values()];
}

function readMessage(message: Fields, notes: ImportNotes): SourceNode['content'] {
  const parts = readParts(message, notes);
  if (isQuestion(message)) {
    const { text, files } = parts;
    return text.trim() === '' && files.length === 0 ? null : { kind: 'user', text, files };
  }
  if (parts.text.trim() === '' && parts.thoughts === '' && parts.toolCalls.length + parts.files.length === 0)
    return null;
  const isCut = own(message, 'unfinished') === true || own(message, 'error') === true;
  return {
    kind: 'answer',
    ...parts,
    model: textOrNull(own(message, 'model')) ?? textOrNull(own(message, 'sender')),
    ...(isCut && { status: 'interrupted' as const }),
    ...(own(message, 'finish_reason') === 'length' && { finishReason: 'length' }),
  };
}

/** By its sender if the file does not mark it. */
const isQuestion = (message: Fields): boolean =>
  (own(message, 'isCreatedByUser') ?? own(message, 'sender') === 'User') === true;

const thinkingBlock: TagForm = { start: ':::thinking', headEnd: '\n', end: '\n:::' };
const artifactBlock: TagForm = { start: ':::artifact{', headEnd: '}', end: '\n:::' };

function readParts(message: Fields, notes: ImportNotes) {
  const texts: string[] = [];
  const thoughts: string[] = [];
  const toolCalls: ToolCall[] = [];
  const files = [...listOf(own(message, 'files')), ...listOf(own(message, 'attachments'))].map(readFile);
  const content = own(message, 'content');
  for (const each of listOf(content)) {
    const part = fieldsOf(each);
    const type = textOf(own(part, 'type'));
    const value = wordsOf(own(part, type));
    if (type === 'text') texts.push(value);
    else if (type === 'think') thoughts.push(value);
    else if (type === 'error') thoughts.push(value);
    else if (type === 'tool_call')
      toolCalls.push(readToolCall(fieldsOf(own(part, 'tool_call')), toolCalls.length));
    else if (type === 'image_file' || type === 'image_url') files.push(readFile(own(part, type)));
    else if (type !== 'agent_update') notes.add('part of an unknown kind', type || 'without a name');
  }
  // Empty if there is content with text.
  if (texts.join('') === '') texts.push(textOf(own(message, 'text')) || textOf(content));
  const stated = splitThinking(texts.filter(Boolean).join('\n\n'), thinkingBlock);
  const text = takeTagged(stated.text, artifactBlock, ({ attributes, inner }) => {
    const [, title = ''] = /title="([^"]{0,200})"/.exec(attributes) ?? [];
    return documentText({ title, content: inner.trim(), language: null });
  });
  return { text, thoughts: [...thoughts, stated.thoughts].filter(Boolean).join('\n\n'), toolCalls, files };
}

/** A text, or one in `value`. */
const wordsOf = (value: unknown): string => textOf(value) || textOf(own(fieldsOf(value), 'value'));

const readToolCall = (call: Fields, index: number): ToolCall => {
  const given = own(call, 'args');
  return {
    id: textOrNull(own(call, 'id')) ?? `call-${index}`,
    name: textOf(own(call, 'name')) || 'tool',
    arguments: typeof given === 'string' ? given : JSON.stringify(given ?? {}),
  };
};

function readFile(value: unknown): ImportedFile {
  const file = fieldsOf(value);
  const url = textOf(own(file, 'url'));
  const id = textOf(own(file, 'file_id'));
  const name = textOf(own(file, 'filename')) || 'File';
  if (url.startsWith('data:')) return { name, source: { kind: 'data', url } };
  return { name, source: id === '' ? { kind: 'absent' } : { kind: 'archive', id } };
}
