/** Turns one message of Open WebUI into its text, thinking, tool calls, sources and files. */
import type { ToolCall } from '@rill/protocol';
import type { SourceNode } from '../form/arrangeMessages.ts';
import type { ImportedFile } from '../form/importedChat.ts';
import type { ImportNotes } from '../form/importNotes.ts';
import { type Fields, fieldsOf, listOf, own, textOf, textOrNull } from '../form/untrusted.ts';
import { attributeOf, splitThinking, takeTagged, unescapeHtml } from './taggedText.ts';
import { distinctSources, webSource } from './webSources.ts';

interface Parts {
  readonly texts: string[];
  readonly thoughts: string[];
  readonly toolCalls: ToolCall[];
  readonly files: ImportedFile[];
}

export function readOpenWebUiMessage(message: Fields, notes: ImportNotes): SourceNode['content'] {
  const role = textOf(own(message, 'role'));
  if (role === 'system') notes.addPrompt(own(message, 'content'));
  const isEmpty = role === '' && textOf(own(message, 'content')) === '';
  if (role === 'system' || role === 'tool' || isEmpty) return null;
  if (role !== 'user' && role !== 'assistant') {
    notes.add('message of an unknown role', role || 'without a name');
    return null;
  }
  const parts: Parts = { texts: [], thoughts: [], toolCalls: [], files: [] };
  readContent(own(message, 'content'), parts, notes);
  for (const file of listOf(own(message, 'files'))) readFile(fieldsOf(file), parts.files);
  if (role === 'user') {
    const text = parts.texts.join('\n\n');
    return text.trim() === '' && parts.files.length === 0 ? null : { kind: 'user', text, files: parts.files };
  }
  return readAnswer(message, parts, notes);
}

function readAnswer(message: Fields, parts: Parts, notes: ImportNotes): SourceNode['content'] {
  const { toolCalls, files } = parts;
  const stated = splitDetails(parts.texts.join('\n\n'), parts);
  const output = readOutput(listOf(own(message, 'output')), notes);
  const text = stated || output.text;
  if (parts.thoughts.length === 0) parts.thoughts.push(...output.thoughts);
  if (toolCalls.length === 0) toolCalls.push(...output.toolCalls);
  const error = own(message, 'error');
  const failure = textOrNull(error) ?? textOrNull(own(fieldsOf(error), 'content'));
  if (failure !== null) parts.thoughts.push(failure);
  if (textOf(own(fieldsOf(own(message, 'merged')), 'content')) !== '')
    notes.add('answer merged from several');
  const thoughts = parts.thoughts.filter(Boolean).join('\n\n');
  if (text.trim() === '' && thoughts === '' && toolCalls.length === 0 && files.length === 0) return null;
  const usage = fieldsOf(own(message, 'info'));
  const isCut = own(message, 'done') === false || (error !== undefined && error !== null && error !== false);
  return {
    kind: 'answer',
    text,
    thoughts,
    toolCalls,
    files,
    sources: readSources(message),
    model: textOrNull(own(message, 'model')) ?? textOrNull(own(message, 'modelName')),
    ...(isCut && { status: 'interrupted' as const }),
    ...(own(usage, 'done_reason') === 'length' && { finishReason: 'length' }),
  };
}

/** A text, or a list of parts. */
function readContent(content: unknown, { texts, files }: Parts, notes: ImportNotes): void {
  if (typeof content === 'string') texts.push(content);
  for (const each of listOf(content)) {
    const part = fieldsOf(each);
    const text = textOrNull(own(part, 'text'));
    if (text !== null) texts.push(text);
    const url = textOrNull(own(fieldsOf(own(part, 'image_url')), 'url'));
    if (url !== null) files.push(fileFrom('Picture', url));
    const type = textOf(own(part, 'type'));
    if (text === null && url === null && type !== 'text')
      notes.add('part of an unknown kind', type || 'without a name');
  }
}

function readFile(file: Fields, files: ImportedFile[]): void {
  const inner = fieldsOf(own(file, 'file'));
  const name =
    textOrNull(own(file, 'name')) ??
    textOrNull(own(inner, 'filename')) ??
    (textOf(own(file, 'type')) || 'File');
  const text = textOrNull(own(fieldsOf(own(inner, 'data')), 'content'));
  const url = textOf(own(file, 'url'));
  if (own(file, 'type') === 'file' && text !== null) files.push({ name, source: { kind: 'text', text } });
  else files.push(fileFrom(name, url || textOf(own(file, 'id'))));
}

/**
 * A data URL contains the file; an address of the server is useless here, unless the archive has a file with that id.
 */
function fileFrom(name: string, url: string): ImportedFile {
  if (url.startsWith('data:')) return { name, source: { kind: 'data', url } };
  const id =
    url
      .replace(/\/content$/, '')
      .split('/')
      .at(-1) ?? '';
  return { name, source: id === '' ? { kind: 'absent' } : { kind: 'archive', id } };
}

/** Extracts what the page draws as boxes from an answer's text: thinking, tool calls, executed code. */
function splitDetails(text: string, { thoughts, toolCalls }: Parts): string {
  if (!text.includes('<details type="') && !text.includes('<think')) return text;
  const rest = takeTagged(
    text,
    { start: '<details type="', headEnd: '>', end: '</details>' },
    ({ attributes, inner }) => {
      if (attributes.startsWith('tool_calls"'))
        toolCalls.push({
          id: attributeOf(attributes, 'id') || `call-${toolCalls.length}`,
          name: attributeOf(attributes, 'name') || 'tool',
          arguments: attributeOf(attributes, 'arguments'),
        });
      else thoughts.push(withoutQuotes(inner));
      return '';
    },
  );
  const parts = splitThinking(rest);
  thoughts.push(parts.thoughts);
  return parts.text.trim();
}

const withoutQuotes = (inner: string): string =>
  unescapeHtml(inner.replace(/<summary>[^<]*<\/summary>/, '').replace(/^[ \t]*(?:>|&gt;) ?/gm, '')).trim();

function readOutput(output: readonly unknown[], notes: ImportNotes) {
  const texts: string[] = [];
  const thoughts: string[] = [];
  const toolCalls: ToolCall[] = [];
  for (const each of output) {
    const item = fieldsOf(each);
    const type = textOf(own(item, 'type'));
    if (type === 'message') texts.push(outputText(own(item, 'content')));
    else if (type === 'reasoning')
      thoughts.push(outputText(own(item, 'content')) || outputText(own(item, 'summary')));
    else if (type === 'function_call')
      toolCalls.push({
        id: textOrNull(own(item, 'call_id')) ?? `call-${toolCalls.length}`,
        name: textOf(own(item, 'name')) || 'tool',
        arguments: textOf(own(item, 'arguments')),
      });
    else if (type !== 'function_call_output')
      notes.add('output of an unknown kind', type || 'without a name');
  }
  return { text: texts.filter(Boolean).join('\n\n'), thoughts, toolCalls };
}

const outputText = (parts: unknown): string =>
  listOf(parts)
    .map((part) => textOf(own(fieldsOf(part), 'text')))
    .join('');

function readSources(message: Fields) {
  const lists = [...listOf(own(message, 'sources')), ...listOf(own(message, 'citations'))];
  return distinctSources(
    lists.flatMap((each) => {
      const source = fieldsOf(own(fieldsOf(each), 'source'));
      const name = own(source, 'name');
      return [
        webSource(own(source, 'url'), name),
        webSource(name, ''),
        ...listOf(own(fieldsOf(each), 'metadata')).map((metadata) =>
          webSource(own(fieldsOf(metadata), 'source'), own(fieldsOf(metadata), 'title') ?? name),
        ),
      ];
    }),
  );
}
