/** Computes the fee for reading the scanned pages of a request. Pages that were read before are free. */
import { type FileReference, type GenerationOptions, ocrUsdPerPage } from '@rill/protocol';
import type { ContextMessage } from '../../context/buildContext.ts';
import type { Queryable } from '../../database/database.ts';
import { findFileAnnotations } from '../../store/files/fileAnnotations.ts';

export interface ReadingFee {
  /** The fee for the known pages, in US dollars. */
  readonly usd: number;
  /** False if a file's page count is unknown. */
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

/** The PDFs of a request, by id: each once. */
export function pdfsOf(context: readonly ContextMessage[]): ReadonlyMap<string, FileReference> {
  const files = context.flatMap(({ filesBefore = [], files: after = [] }) => [...filesBefore, ...after]);
  const pdfs = files.filter(({ mediaType }) => mediaType === 'application/pdf');
  return new Map(pdfs.map((file) => [file.id, file]));
}
