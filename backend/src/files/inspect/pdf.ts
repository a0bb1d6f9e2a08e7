/** Recognises PDFs, and determines their size as far as their structure shows it without a parser. */
import { RillError } from '@rill/protocol';
import { tokensOfScans } from '../../context/estimateTokens.ts';
import { InflateBudget } from './inflateBudget.ts';
import { tokensOfPdfText } from './pdfText.ts';

const header = '%PDF-';

export const isPdf = (bytes: Buffer): boolean =>
  bytes.subarray(0, header.length).toString('latin1') === header;

const inflateLimits = { maxStreamBytes: 4 * 1024 * 1024, maxBytes: 32 * 1024 * 1024 };

export interface PdfSize {
  /** Null when it cannot be determined. */
  readonly pageCount: number | null;
  /** Of its text, or of scanned pages; null when neither is known. */
  readonly estimatedTokens: number | null;
}

/** Errors: file_refused for a truncated file, or one with data after its end. */
export function measurePdf(bytes: Buffer): PdfSize {
  const text = bytes.toString('latin1');
  const end = text.lastIndexOf('%%EOF');
  if (end < 0) throw new RillError('file_refused', { message: 'This PDF is not whole: its end is missing.' });
  if (/[^\s\0]/.test(text.slice(end + '%%EOF'.length)))
    throw new RillError('file_refused', { message: 'This PDF has other data behind its end.' });
  const found = [text, ...inflatedObjects(bytes, text)].map(countPages);
  const stated = Math.max(0, ...found.map(({ statedCount }) => statedCount));
  const pageCount = stated || found.reduce((sum, each) => sum + each.pageCount, 0) || null;
  const tokensOfText = tokensOfPdfText(bytes, text, pageCount ?? 1);
  return { pageCount, estimatedTokens: tokensOfText ?? tokensOfScans(pageCount) };
}

/**
 * Matches both orders of the two keys of a page tree. No match is looked for beyond the next of its first key, so that
 * no byte is read more than a few times.
 */
const countedPages =
  /\/Type\s{0,9}\/Pages\b(?:(?!\/Type\s{0,9}\/Pages\b)[^>]){0,2000}?\/Count\s{1,9}(\d{1,6})\b/g;
const pagesCounted = /\/Count\s{1,9}(\d{1,6})\b(?:(?!\/Count\s)[^>]){0,2000}?\/Type\s{0,9}\/Pages\b/g;
const onePage = /\/Type\s{0,9}\/Page\b/g;

function countPages(text: string): { readonly statedCount: number; readonly pageCount: number } {
  let statedCount = 0;
  for (const pattern of [countedPages, pagesCounted])
    for (const [, count] of text.matchAll(pattern)) statedCount = Math.max(statedCount, Number(count));
  let pageCount = 0;
  for (const _ of text.matchAll(onePage)) pageCount += 1;
  return { statedCount, pageCount };
}

/** Newer PDFs have their objects in compressed streams. Each byte is read once, whatever the marks before it say. */
function* inflatedObjects(bytes: Buffer, text: string): Generator<string> {
  const budget = new InflateBudget(inflateLimits);
  const mark = /\/Type\s{0,9}\/ObjStm\b/g;
  for (let found = mark.exec(text); found; found = mark.exec(text)) {
    const start = startOfStream(text, found.index);
    if (start < 0) continue;
    const end = text.indexOf('endstream', start);
    if (end < 0) return;
    mark.lastIndex = end;
    yield budget.inflate(bytes.subarray(start, end));
    if (budget.isSpent) return;
  }
}

const longestDictionary = 2000;

function startOfStream(text: string, from: number): number {
  const word = text.slice(from, from + longestDictionary).indexOf('stream');
  if (word < 0) return -1;
  const start = from + word + 'stream'.length;
  return text[start] === '\r' ? start + 2 : start + 1;
}
