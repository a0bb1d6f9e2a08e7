/**
 * Defines a source of imports for the job that runs it: it recognises its own data, counts it without storing anything,
 * and stores one item at a time, so that it can be stopped and continued between any two.
 */
import type { Readable } from 'node:stream';
import type { ImportCount, ImportItem, ImportProduct } from '@rill/protocol';
import type { WriteTransaction } from '../database/database.ts';

/** The data cannot be imported; the message is one sentence that is safe to show. */
export class ImportRefused extends Error {
  override readonly name = 'ImportRefused';
}

/** One file of the source: an entry of a zip file, or the body itself if it is not one. */
export interface ImportEntry {
  /** Path with slashes, never absolute and without `..`; the given name if the body is not a zip file. */
  readonly name: string;
  /** Unpacked size, in bytes; `open` never yields more. */
  readonly sizeBytes: number;
  /** A new stream of its bytes. Its error is an ImportRefused if the data is at fault. */
  open(): Promise<Readable>;
}

/** The data to import. Its entries are known; their bytes are read when they are opened. */
export interface ImportSource {
  /** In the order of the zip file; without folders and the extra files of macOS. */
  readonly entries: readonly ImportEntry[];
  find(name: string): ImportEntry | null;
}

export interface CountContext {
  readonly ownerId: string;
  /** Aborted when the import is stopped or the server closes: the work ends with the signal's reason. */
  readonly signal: AbortSignal;
}

export interface RunContext extends CountContext {
  /** Project for chats without one; null: create one, named after the source, and set it. */
  readonly projectId: string | null;
  /** Stores the project that was created, also for when the import continues; in the transaction that creates it. */
  setProject(transaction: WriteTransaction, projectId: string): Promise<void>;
  /** True for an item that is in the report already, from before a stop or a restart. */
  isReported(key: string): Promise<boolean>;
  /** Adds an item to the report; in the transaction that stores it, so that both happen or neither. */
  report(transaction: WriteTransaction, item: ImportItem): Promise<void>;
}

export interface Importer {
  readonly product: ImportProduct;
  /** Checks names and beginnings; stores nothing. */
  recognise(source: ImportSource): Promise<boolean>;
  /** Reads everything once and stores nothing. Errors: ImportRefused if nothing can be imported. */
  count(source: ImportSource, context: CountContext): Promise<ImportCount>;
  /** Stores what is not in the report yet. Errors: ImportRefused if it cannot continue. */
  run(source: ImportSource, context: RunContext): Promise<void>;
}
