/** Computes the fee for reading the scanned pages of a request. Pages that were read before cost nothing. */
import { type FileReference, type GenerationOptions, ocrUsdPerPage } from '@rill/protocol';
import type { ContextMessage } from '../../context/buildContext.ts';
import type { Queryable } from '../../database/database.ts';
import { findFileAnnotations } from '../../store/files/fileAnnotations.ts';

export interface ReadingFee {
  /** Of the pages that are known, in US dollars. */
  readonly usd: number;
  /** False when a file does not say how many pages it has. */
  readonly isKnown: boolean;
}

const none: ReadingFee = { usd: 0, isKnown: true };

export async function readingFee(
  db: Queryable,
  context: readonly ContextMessage[],
  { pdfEngine = 'text' }: GenerationOptions,
): Promise<ReadingFee> {
  if (pdfEngine !== 'ocr') return none;
  const pdfs = pdfsOf(context);
  const read = await findFileAnnotations(db, [...pdfs.keys()], pdfEngine);
  const unread = [...pdfs.values()].filter(({ id }) => !read.has(id));
  const pages = unread.reduce((sum, { pageCount }) => sum + (pageCount ?? 0), 0);
  return { usd: pages * ocrUsdPerPage, isKnown: unread.every(({ pageCount }) => pageCount !== null) };
}

/** The PDFs that a request gives, by their ids: each once. */
export function pdfsOf(context: readonly ContextMessage[]): ReadonlyMap<string, FileReference> {
  const files = context.flatMap(({ filesBefore = [], files: after = [] }) => [...filesBefore, ...after]);
  const pdfs = files.filter(({ mediaType }) => mediaType === 'application/pdf');
  return new Map(pdfs.map((file) => [file.id, file]));
}
