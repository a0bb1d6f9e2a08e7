/** Turns one message of a ChatGPT export into shown text, thinking, pictures, or nothing. */

import type { Addition, SourceNode } from '../form/arrangeMessages.ts';
import type { ImportedFile, ImportedMessage } from '../form/importedChat.ts';
import type { ImportNotes } from '../form/importNotes.ts';
import { type Fields, fieldsOf, isFields, listOf, own, textOf, textOrNull } from '../form/untrusted.ts';
import { replaceCitations } from './chatGptCitations.ts';
import { documentText } from './documentText.ts';
import { fencedText } from './fencedText.ts';

/** Content that the product adds for the model, and pages that were read: the user was shown none of it. */
const unseenTypes = new Set([
  'user_editable_context',
  'model_editable_context',
  'reasoning_recap',
  'tether_browsing_display',
  'tether_quote',
  'sonic_webpage',
]);

export interface ReadingContext {
  readonly notes: ImportNotes;
  /** Model of answers that name none. */
  readonly defaultModel: string | null;
}

/** Reads the content of a message. Content that was shown but has weight 0 for the model is kept out of the context. */
export function readContent(message: Fields, context: ReadingContext): SourceNode['content'] {
  const content = readShown(message, context);
  if (content === null || own(message, 'weight') !== 0) return content;
  return content.kind === 'before-answer' ? null : { ...content, isKeptOut: true };
}

function readShown(message: Fields, context: ReadingContext): SourceNode['content'] {
  const metadata = fieldsOf(own(message, 'metadata'));
  const role = textOf(own(fieldsOf(own(message, 'author')), 'role'));
  const isHidden =
    own(metadata, 'is_visually_hidden_from_conversation') === true ||
    own(metadata, 'is_user_system_message') === true;
  if (isHidden || role === 'system') return null;
  const content = readContentFields(own(message, 'content'));
  const type = textOf(own(content, 'content_type'));
  if (unseenTypes.has(type)) return null;
  const isText =
    type === 'text' || type === 'multimodal_text' || (type === '' && Array.isArray(own(content, 'parts')));
  if (role === 'user') {
    if (!isText) return noteUnknown(content, type, context.notes);
    return notEmpty({ kind: 'user', ...readParts(content, metadata, context.notes) });
  }
  if (role !== 'assistant' && role !== 'tool' && role !== 'function')
    return noteUnknownRole(content, role, context.notes);
  if (role !== 'assistant') return readTool(content, type, metadata, isText, context.notes);
  return readAnswer(message, { content, type, metadata, isText }, context);
}

/** A few files have only the text. */
const readContentFields = (content: unknown): Fields =>
  typeof content === 'string' ? { content_type: 'text', parts: [content] } : fieldsOf(content);

interface AnswerParts {
  readonly content: Fields;
  readonly type: string;
  readonly metadata: Fields;
  readonly isText: boolean;
}

function readAnswer(
  message: Fields,
  { content, type, metadata, isText }: AnswerParts,
  { notes, defaultModel }: ReadingContext,
): SourceNode['content'] {
  const recipient = textOrNull(own(message, 'recipient')) ?? 'all';
  if (type === 'thoughts') return notEmpty({ kind: 'before-answer', thoughts: readThoughts(content) });
  if (recipient !== 'all') return readToolCall(content, type, recipient, notes);
  if (type === 'system_error') return notEmpty({ kind: 'before-answer', thoughts: errorText(content) });
  if (type === 'code' || type === 'execution_output') {
    const text = textOf(own(content, 'text'));
    return (text && { kind: 'answer', text: fencedText(text, languageOf(content)) }) || null;
  }
  if (!isText) return noteUnknown(content, type, notes);
  const channel = textOf(own(message, 'channel'));
  const parts = readParts(content, metadata, notes);
  if (channel !== '' && channel !== 'final') {
    const { text, ...others } = parts;
    return notEmpty({ kind: 'before-answer', ...others, thoughts: text });
  }
  const model = textOrNull(own(metadata, 'model_slug')) ?? defaultModel;
  return notEmpty({
    kind: 'answer',
    ...parts,
    ...endOf(message, metadata),
    ...(model && { model: `openai/${model}` }),
  });
}

/** Pictures that a tool made, and the output of code; the rest is internal. */
function readTool(
  content: Fields,
  type: string,
  metadata: Fields,
  isText: boolean,
  notes: ImportNotes,
): SourceNode['content'] {
  if (type === 'execution_output') return codeThought(textOf(own(content, 'text')), 'text');
  if (type === 'system_error') return notEmpty({ kind: 'before-answer', thoughts: errorText(content) });
  if (!isText) return type === '' || type === 'code' ? null : noteUnknown(content, type, notes);
  if (type !== 'multimodal_text') return null;
  const { files } = readParts(content, metadata, notes);
  return notEmpty({ kind: 'before-answer', files });
}

/** Executed code becomes thinking, a canvas document part of the answer; other calls are internal. */
function readToolCall(
  content: Fields,
  type: string,
  recipient: string,
  notes: ImportNotes,
): SourceNode['content'] {
  const text = textOf(own(content, 'text')) || listOf(own(content, 'parts')).map(textOf).join('\n');
  if (recipient === 'python' || (type === 'code' && languageOf(content) === 'python'))
    return codeThought(text, 'python');
  if (recipient.startsWith('canmore.update')) notes.add('change of a document of the canvas');
  if (!recipient.startsWith('canmore.create')) return null;
  const canvas = canvasText(fieldsOf(parseJson(text)));
  if (canvas !== null) return { kind: 'before-answer', text: canvas };
  notes.add('document that cannot be read');
  return null;
}

const codeThought = (text: string, language: string): SourceNode['content'] =>
  text.trim() === '' ? null : { kind: 'before-answer', thoughts: fencedText(text, language) };

function canvasText(document: Fields): string | null {
  const content = textOrNull(own(document, 'content'));
  if (content === null) return null;
  const [kind, language = ''] = textOf(own(document, 'type')).split('/');
  return documentText({
    title: textOf(own(document, 'name')),
    content,
    language: kind === 'code' ? language : null,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function readThoughts(content: Fields): string {
  return listOf(own(content, 'thoughts'))
    .map((each) => {
      const thought = fieldsOf(each);
      const [summary, text] = [textOf(own(thought, 'summary')), textOf(own(thought, 'content'))];
      return summary !== '' && text !== '' ? `**${summary}**\n\n${text}` : summary || text;
    })
    .filter((text) => text !== '')
    .join('\n\n');
}

const errorText = (content: Fields): string =>
  [own(content, 'name'), own(content, 'text')].map(textOf).filter(Boolean).join(': ');

const languageOf = (content: Fields): string => {
  const language = textOf(own(content, 'language'));
  return language === 'unknown' ? '' : language;
};

function endOf(message: Fields, metadata: Fields): Partial<Pick<ImportedMessage, 'status' | 'finishReason'>> {
  const finish = textOf(own(fieldsOf(own(metadata, 'finish_details')), 'type'));
  const status = textOf(own(message, 'status'));
  if (finish === 'max_tokens') return { finishReason: 'length' };
  if (finish === 'interrupted') return { status: 'cancelled' };
  if (status === 'in_progress' || status === 'finished_partial_completion' || status === 'error')
    return { status: 'interrupted' };
  return {};
}

function readParts(
  content: Fields,
  metadata: Fields,
  notes: ImportNotes,
): Required<Pick<Addition, 'text' | 'files' | 'sources'>> {
  const texts: string[] = [];
  const files = new Map<string, ImportedFile>();
  const parts = own(content, 'parts');
  for (const part of typeof parts === 'string' ? [parts] : listOf(parts)) {
    if (typeof part === 'string') texts.push(part);
    else if (isFields(part)) readPart(part, { texts, files, notes });
    else if (part !== null) notes.add('part of an unknown kind', Array.isArray(part) ? 'list' : typeof part);
  }
  for (const each of listOf(own(metadata, 'attachments'))) {
    const attachment = fieldsOf(each);
    const id = textOf(own(attachment, 'id'));
    const name = textOf(own(attachment, 'name')) || id;
    if (id !== '') files.set(id, { name, source: { kind: 'archive', id } });
  }
  const cited = replaceCitations(texts.filter((text) => text !== '').join('\n'), metadata);
  return { ...cited, files: [...files.values()] };
}

interface PartsSoFar {
  readonly texts: string[];
  readonly files: Map<string, ImportedFile>;
  readonly notes: ImportNotes;
}

function readPart(part: Fields, soFar: PartsSoFar): void {
  const type = textOf(own(part, 'content_type'));
  const text = textOrNull(own(part, 'text'));
  if (type === 'audio_transcription' || (type === '' && text !== null)) soFar.texts.push(text ?? '');
  else if (type === 'real_time_user_audio_video_asset_pointer') {
    addAsset(fieldsOf(own(part, 'audio_asset_pointer')), soFar);
    const hasVideo = (own(part, 'video_container_asset_pointer') ?? null) !== null;
    if (hasVideo || listOf(own(part, 'frames_asset_pointers')).length > 0)
      soFar.notes.add('video of a voice chat');
  } else if (textOf(own(part, 'asset_pointer')) !== '') addAsset(part, soFar);
  else {
    const canvas = canvasText(part);
    if (canvas === null) soFar.notes.add('part of an unknown kind', type || 'without a name');
    else soFar.texts.push(canvas);
  }
}

/** `sediment://file_<hex>` or `file-service://file-<id>`, sometimes with a fragment. */
function addAsset(part: Fields, { files, notes }: PartsSoFar): void {
  const id = textOf(own(part, 'asset_pointer'))
    .replace(/^[a-z-]+:\/\//i, '')
    .replace(/[#?].*$/s, '');
  if (id === '') notes.add('file without an id');
  else files.set(id, { name: id, source: { kind: 'archive', id } });
}

function notEmpty<Content extends NonNullable<SourceNode['content']>>(content: Content): Content | null {
  const { text = '', thoughts = '', files = [] } = content;
  return text.trim() === '' && thoughts.trim() === '' && files.length === 0 ? null : content;
}

function noteUnknownRole(content: Fields, role: string, notes: ImportNotes): null {
  if (Object.keys(content).length > 0) notes.add('message of an unknown role', role || 'without a name');
  return null;
}

function noteUnknown(content: Fields, type: string, notes: ImportNotes): null {
  if (type !== '' || Object.keys(content).length > 0)
    notes.add('message of an unknown kind', type || 'without a name');
  return null;
}
