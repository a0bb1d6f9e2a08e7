/**
 * Defines where the bytes of files are kept: by their SHA-256, once for equal contents. The database knows who refers
 * to a content; a store only keeps and removes. Another store, such as S3, implements this interface.
 */
import type { Readable } from 'node:stream';

/** Bytes that have arrived and are not kept yet. Either `keep` or `discard` ends it; `discard` after `keep` does nothing. */
export interface ReceivedContent {
  /** In hexadecimal. */
  readonly sha256: string;
  readonly sizeBytes: number;
  read(): Promise<Buffer>;
  /** Resolves when a power loss cannot take the bytes any more. */
  keep(): Promise<void>;
  discard(): Promise<void>;
}

export interface FileStore {
  /**
   * Reads a stream to its end, with a bounded part of it in memory. A chunk may change once the next one is asked for.
   * Errors: file_too_large after `maxBytes`, and those of the stream; nothing of it is left then.
   */
  receive(
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    maxBytes: number,
  ): Promise<ReceivedContent>;
  /** Errors: not_found. */
  open(sha256: string): Promise<Readable>;
  /** Errors: not_found. */
  read(sha256: string): Promise<Buffer>;
  /** Removes a content that is there, and does nothing otherwise. */
  remove(sha256: string): Promise<void>;
  /** Every content that is kept. */
  list(): AsyncIterable<string>;
}
