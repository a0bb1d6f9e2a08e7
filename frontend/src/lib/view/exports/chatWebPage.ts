/**
 * Writes the shown branch of a chat as one self-contained HTML file: the text from the same tree as in the page,
 * pictures as data, styles inside. It has no script, and its policy lets it fetch nothing.
 */
import { type ChatDetail, type FileReference, type Message, RillError } from '@rill/protocol';
import { headerBytes, readPictureHeader } from '../../chat/files/pictureHeader.ts';
import { type FormulaDrawing, loadFormulaDrawing } from '../../markdown/dom/math/drawFormula.ts';
import { parseDocument } from '../../markdown/parseDocument.ts';
import { escapeHtml, treeHtml } from '../../markdown/tree/treeHtml.ts';
import { exportStrings } from '../strings/exportStrings.ts';
import { webPageStyles } from './webPageStyles.ts';

export interface WebPageSource extends Pick<ChatDetail, 'chat' | 'messages'> {
  /** The bytes of a file. */
  readonly readFile: (request: { fileId: string }) => Promise<Blob>;
}

const words = exportStrings.page;
/** Pictures of one page, in bytes as they are stored. */
const maxPictureBytes = 64 * 1024 * 1024;
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";
const pictureHead = /^data:image\/(png|jpeg|webp|gif);base64,/;
const drawnFormats: ReadonlySet<string> = new Set(['png', 'jpeg', 'webp', 'gif']);
/** By two expressions: one for all of a long text would need more memory than an expression may have. */
const isPictureData = (url: string): boolean => {
  const [head] = pictureHead.exec(url) ?? [];
  return head !== undefined && url.length > head.length && !/[^A-Za-z0-9+/=]/.test(url.slice(head.length));
};

/** Gives way to the page between two messages. */
export async function chatWebPage(source: WebPageSource): Promise<Blob> {
  const { chat, messages } = source;
  const formulas = await loadFormulaDrawing();
  const title = escapeHtml(chat.title || exportStrings.title);
  const parts = [
    `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n`,
    `<meta http-equiv="Content-Security-Policy" content="${policy}">\n`,
    `<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="generator" content="Rill">\n`,
    `<title>${title}</title>\n<style>${webPageStyles}</style>\n</head>\n<body>\n<main>\n<h1 dir="auto">${title}</h1>\n`,
  ];
  const pictures = new PictureReader(source.readFile);
  for (const message of messages) {
    parts.push(await messageHtml(message, formulas, pictures));
    await new Promise((resolve) => setTimeout(resolve));
  }
  parts.push('</main>\n</body>\n</html>\n');
  return new Blob(parts, { type: 'text/html' });
}

async function messageHtml(
  message: Message,
  formulas: FormulaDrawing,
  pictures: PictureReader,
): Promise<string> {
  const { role, status, model, reasoning, content, refusal, annotations, error } = message;
  const name = role === 'user' ? words.you : model || words.model;
  const time = new Date(message.createdAtMs).toISOString();
  const toHtml = (text: string) =>
    treeHtml(parseDocument(text), { formula: (tex, isDisplay) => formulaHtml(formulas, tex, isDisplay) });
  const parts = [
    `<h2>${escapeHtml(name)} <time datetime="${time}">${time.slice(0, 16).replace('T', ' ')} UTC</time></h2>`,
    ...(reasoning.trim() === ''
      ? []
      : [`<details><summary>${words.thinking}</summary>${toHtml(reasoning)}</details>`]),
    toHtml(content),
    ...(refusal ? [toHtml(refusal)] : []),
    ...(await pictures.read(message)),
    ...(annotations.length > 0 ? [sourcesHtml(annotations)] : []),
    ...(status === 'completed'
      ? []
      : [`<p><em>${escapeHtml(error?.message ?? words.unfinished[status])}</em></p>`]),
  ];
  return `<article class="${role}">\n${parts.join('\n')}\n</article>\n`;
}

function sourcesHtml(annotations: Message['annotations']): string {
  const items = annotations.map(({ url, title }) => {
    const label = escapeHtml(title || url);
    return /^https?:\/\//.test(url)
      ? `<li><a href="${escapeHtml(url)}" rel="noopener noreferrer">${label}</a></li>`
      : `<li>${label}</li>`;
  });
  return `<p>${words.sources}</p><ol>${items.join('')}</ol>`;
}

/** MathML, which browsers draw without fonts of ours. */
function formulaHtml(formulas: FormulaDrawing, source: string, isDisplay: boolean): string | null {
  const formula = formulas.draw(source, isDisplay);
  if (formula.kind !== 'drawn' || !(formula.node instanceof Element)) return null;
  const math = formula.node.querySelector('math');
  return math && new XMLSerializer().serializeToString(math);
}

/** Reads the pictures of messages as data, up to the limit of one page. */
class PictureReader {
  readonly #readFile: WebPageSource['readFile'];
  #leftBytes = maxPictureBytes;

  constructor(readFile: WebPageSource['readFile']) {
    this.#readFile = readFile;
  }

  /** HTML of the files and pictures of a message. */
  async read({ files = [], images }: Message): Promise<string[]> {
    const parts: string[] = [];
    for (const file of files) parts.push(await this.#file(file));
    for (const { url, fileId } of images) {
      if (fileId !== undefined) parts.push(await this.#picture(fileId, words.picture, 1));
      else if (isPictureData(url)) parts.push(this.#data(url));
      else if (/^https:\/\//.test(url))
        parts.push(`<p><a href="${escapeHtml(url)}" rel="noopener noreferrer">${words.picture}</a></p>`);
    }
    return parts;
  }

  async #file({ id, name, mediaType, sizeBytes }: FileReference): Promise<string> {
    if (mediaType.startsWith('image/')) return this.#picture(id, name, sizeBytes);
    return paragraph(words.file(name));
  }

  /** `leastBytes`: what is known of its size. It is not read when it does not fit, and leaves the room to smaller ones. */
  async #picture(fileId: string, name: string, leastBytes: number): Promise<string> {
    if (leastBytes > this.#leftBytes) return paragraph(words.leftOut);
    const blob = await this.#readFile({ fileId }).catch((error: unknown) => {
      if (error instanceof RillError && error.code === 'not_found') return null;
      throw error;
    });
    if (!blob) return paragraph(words.lost(name));
    if (!this.#takes(blob.size)) return paragraph(words.leftOut);
    const format = await formatOf(blob);
    if (!format) return paragraph(words.file(name));
    return imageHtml(await dataUrlOf(new Blob([blob], { type: `image/${format}` })), name);
  }

  /** A picture that is in its message, as earlier versions kept them. */
  #data(url: string): string {
    const isTaken = this.#takes(((url.length - url.indexOf(',')) * 3) / 4);
    return isTaken ? imageHtml(url, words.picture) : paragraph(words.leftOut);
  }

  #takes(bytes: number): boolean {
    if (bytes > this.#leftBytes) return false;
    this.#leftBytes -= bytes;
    return true;
  }
}

const paragraph = (text: string): string => `<p dir="auto">${escapeHtml(text)}</p>`;

const imageHtml = (url: string, name: string): string =>
  `<p><img src="${url}" alt="${escapeHtml(name)}"></p>`;

/** By its bytes: a server gives a file to be saved, and does not say what it is. Null for what a browser may not draw. */
async function formatOf(blob: Blob): Promise<string | null> {
  const head = new Uint8Array(await blob.slice(0, headerBytes).arrayBuffer());
  const format = readPictureHeader(head)?.format;
  return format && drawnFormats.has(format) ? format : null;
}

function dataUrlOf(blob: Blob): Promise<string> {
  const reader = new FileReader();
  return new Promise((resolve, reject) => {
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
