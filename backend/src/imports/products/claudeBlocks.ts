/** Turns the blocks of a Claude message into its text, thinking, sources, documents and tool calls. */
import type { ToolCall } from '@rill/protocol';
import type { ImportedFile } from '../form/importedChat.ts';
import type { ImportNotes } from '../form/importNotes.ts';
import { type Fields, fieldsOf, listOf, own, textOf, textOrNull } from '../form/untrusted.ts';
import { documentText } from './documentText.ts';
import { attributeOf, splitThinking, type TaggedPart, takeTagged } from './taggedText.ts';
import { distinctSources, webSource } from './webSources.ts';

/** Content that the product adds for itself; results are in the call's own message and repeat what the answer says. */
const unseenBlocks = new Set(['injected_prompt_block', 'token_budget', 'flag', 'tool_result']);

export interface BlockParts {
  readonly text: string;
  readonly thoughts: string;
  readonly toolCalls: readonly ToolCall[];
  readonly files: readonly ImportedFile[];
  readonly sources: ReturnType<typeof distinctSources>;
}

export function readBlocks(blocks: readonly unknown[], notes: ImportNotes): BlockParts {
  const texts: string[] = [];
  const thoughts: string[] = [];
  const toolCalls: ToolCall[] = [];
  const files: ImportedFile[] = [];
  const sources: ReturnType<typeof webSource>[] = [];
  for (const each of blocks) {
    const block = fieldsOf(each);
    const type = textOf(own(block, 'type'));
    if (type === 'text') {
      const parts = readText(textOf(own(block, 'text')));
      texts.push(parts.text);
      thoughts.push(parts.thoughts);
      for (const citation of listOf(own(block, 'citations'))) {
        const details = fieldsOf(own(fieldsOf(citation), 'details'));
        sources.push(webSource(own(details, 'url'), own(details, 'title')));
      }
    } else if (type === 'thinking') thoughts.push(readThinking(block));
    else if (type === 'tool_use') {
      const text = readDocument(block);
      if (text === null) toolCalls.push(readToolCall(block, toolCalls.length));
      else texts.push(text);
    } else if (type === 'image' || type === 'voice_note') files.push(readMedia(block, type));
    else if (!unseenBlocks.has(type)) notes.add('block of an unknown kind', type || 'without a name');
  }
  return {
    text: joinBlocks(texts),
    thoughts: joinBlocks(thoughts),
    toolCalls,
    files,
    sources: distinctSources(sources),
  };
}

const joinBlocks = (texts: readonly string[]): string =>
  texts.filter((text) => text.trim() !== '').join('\n\n');

const readThinking = (block: Fields): string =>
  textOrNull(own(block, 'thinking')) ??
  listOf(own(block, 'summaries'))
    .map((each) => textOf(own(fieldsOf(each), 'summary')))
    .filter(Boolean)
    .join('\n\n');

/** In old texts, documents and thinking are tags. */
function readText(text: string): { text: string; thoughts: string } {
  if (!text.includes('<ant')) return { text, thoughts: '' };
  const parts = splitThinking(text, { start: '<antThinking', headEnd: '>', end: '</antThinking>' });
  const form = { start: '<antArtifact', headEnd: '>', end: '</antArtifact>' };
  return { ...parts, text: takeTagged(parts.text, form, tagText) };
}

const tagText = ({ attributes, inner }: TaggedPart): string =>
  `\n\n${documentText({
    title: attributeOf(attributes, 'title'),
    content: inner.trim(),
    language: languageOf(attributeOf(attributes, 'type'), attributeOf(attributes, 'language')),
  })}\n\n`;

/**
 * The document that a call wrote as a whole; null for any other call, including one that changed part of a document.
 */
function readDocument(block: Fields): string | null {
  const input = fieldsOf(own(block, 'input'));
  const name = own(block, 'name');
  if (name === 'create_file') {
    const path = textOf(own(input, 'path'));
    const content = textOrNull(own(input, 'file_text'));
    const [, extension = ''] = /\.(\w{1,10})$/.exec(path) ?? [];
    return content === null
      ? null
      : documentText({
          title: path.split('/').at(-1) ?? '',
          content,
          language: extension === 'md' ? null : extension,
        });
  }
  const content = name === 'artifacts' ? textOrNull(own(input, 'content')) : null;
  return content === null
    ? null
    : documentText({
        title: textOf(own(input, 'title')),
        content,
        language: languageOf(textOf(own(input, 'type')), textOf(own(input, 'language'))),
      });
}

function languageOf(type: string, language: string): string | null {
  if (type === 'text/markdown') return null;
  if (type === 'application/vnd.ant.react') return 'jsx';
  if (type === 'application/vnd.ant.mermaid') return 'mermaid';
  if (type === 'image/svg+xml') return 'svg';
  return type === 'text/html' ? 'html' : language;
}

const readToolCall = (block: Fields, index: number): ToolCall => ({
  id: textOrNull(own(block, 'id')) ?? `call-${index}`,
  name: textOf(own(block, 'name')) || 'tool',
  arguments: JSON.stringify(own(block, 'input') ?? {}),
});

function readMedia(block: Fields, type: string): ImportedFile {
  const id = textOf(own(block, 'file_uuid'));
  return {
    name: textOf(own(block, 'file_name')) || (type === 'image' ? 'Picture' : 'Recording'),
    source: id === '' ? { kind: 'absent' } : { kind: 'archive', id },
  };
}
