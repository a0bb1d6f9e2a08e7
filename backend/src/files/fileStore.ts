/**
 * Defines where the bytes of files are stored: by their SHA-256, once for equal contents. The database knows what
 * refers to a content; a store only keeps and removes. Another store, such as S3, implements this interface.
 */
import type { Readable } from 'node:stream';

/** Received bytes that are not kept yet. Call either `keep` or `discard`; `discard` after `keep` does nothing. */
export interface ReceivedContent {
  /** In hexadecimal. */
  readonly sha256: string;
  readonly sizeBytes: number;
  read(): Promise<Buffer>;
  /** Resolves once the bytes survive a power loss. */
  keep(): Promise<void>;
  discard(): Promise<void>;
}

export interface FileStore {
  /**
   * Reads a stream to its end, with a bounded part of it in memory. A chunk may be overwritten when the next one is
   * requested. Errors: file_too_large after `maxBytes`, and those of the stream; nothing is left then.
   */
  receive(
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    maxBytes: number,
  ): Promise<ReceivedContent>;
  /** Errors: not_found. */
  open(sha256: string): Promise<Readable>;
  /** Errors: not_found. */
  read(sha256: string): Promise<Buffer>;
  /** Removes a content if it exists. */
  remove(sha256: string): Promise<void>;
  /** Every content that is kept. */
  list(): AsyncIterable<string>;
}
