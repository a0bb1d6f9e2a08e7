/**
 * Builds the content of a message with files. Text and code become part of the text, fenced and byte for byte, so that
 * any server accepts them; pictures and PDFs are separate parts, which only some servers know.
 */
import type { FileMediaType, PdfEngine } from '@rill/protocol';

/** A file with its bytes. */
export interface ProviderFile {
  readonly name: string;
  readonly mediaType: FileMediaType;
  readonly bytes: Buffer;
}

export type ContentPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image_url'; readonly image_url: { readonly url: string } }
  | { readonly type: 'file'; readonly file: { readonly filename: string; readonly file_data: string } };

export type ProviderContent = string | readonly ContentPart[];

export interface MessageWithFiles {
  readonly content: string;
  /** Placed before the text, and after it. */
  readonly filesBefore?: readonly ProviderFile[];
  readonly files?: readonly ProviderFile[];
}

/** A string if all of it is text. */
export function contentOf({ content, filesBefore = [], files = [] }: MessageWithFiles): ProviderContent {
  const before = partsOf('', filesBefore);
  const after = partsOf(content.toWellFormed(), files);
  const parts = before.every(isText) ? [...joined([...before, ...after])] : [...before, ...after];
  const [only] = parts;
  return parts.length === 1 && only?.type === 'text' ? only.text : parts;
}

/** OpenRouter's names of the services. An unnamed one is charged, like the one for scans. */
const parsers: Readonly<Record<PdfEngine, string>> = { text: 'cloudflare-ai', ocr: 'mistral-ocr' };

export const parserPlugins = (engine: PdfEngine = 'text') => [
  { id: 'file-parser', pdf: { engine: parsers[engine] } },
];

export const isPdf = ({ mediaType }: ProviderFile): boolean => mediaType === 'application/pdf';

type TextPart = Extract<ContentPart, { type: 'text' }>;
const isText = (part: ContentPart): part is TextPart => part.type === 'text';
const blockSeparator = '\n\n';

/** All text is the first part, as services require; no parts for nothing. */
function partsOf(content: string, files: readonly ProviderFile[]): ContentPart[] {
  const texts = [content, ...files.filter(isPlain).map(fencedText)].filter((text) => text !== '');
  const others = files.filter((file) => !isPlain(file)).map(toPart);
  return [
    ...(texts.length > 0 ? [{ type: 'text' as const, text: texts.join(blockSeparator) }] : []),
    ...others,
  ];
}

/** Joins consecutive texts at the start. */
function joined(parts: readonly ContentPart[]): ContentPart[] {
  const firstOther = parts.findIndex((part) => !isText(part));
  const count = firstOther < 0 ? parts.length : firstOther;
  const texts = parts.slice(0, count).filter(isText);
  if (texts.length < 2) return [...parts];
  return [{ type: 'text', text: texts.map(({ text }) => text).join(blockSeparator) }, ...parts.slice(count)];
}

const isPlain = ({ mediaType }: ProviderFile): boolean => mediaType === 'text/plain';

/** The fence is longer than any in the file, so that the file cannot end it. */
function fencedText({ name, bytes }: ProviderFile): string {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const longest = Math.max(2, ...Array.from(text.matchAll(/`{3,}/g), ([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const language = /\.([a-z0-9+#-]{1,12})$/i.exec(name)?.[1] ?? '';
  return `${name}:\n${fence}${language}\n${text}${text.endsWith('\n') ? '' : '\n'}${fence}`;
}

function toPart(file: ProviderFile): ContentPart {
  const url = `data:${file.mediaType};base64,${file.bytes.toString('base64')}`;
  return isPdf(file)
    ? { type: 'file', file: { filename: file.name, file_data: url } }
    : { type: 'image_url', image_url: { url } };
}
