/**
 * Lists the chosen files that are not in a draft yet, of all chats and projects, until their target has them, whatever
 * is shown meanwhile. `uploader.ts`, which is loaded with the first file, uploads them.
 */
import type { FileReference } from '@rill/protocol';

export type UploadFailure =
  | 'empty'
  | 'too-large'
  | 'too-many-pixels'
  | 'unreadable-picture'
  | 'unreadable'
  | 'refused'
  /** The page was reloaded, and the browser did not keep the bytes. */
  | 'lost';

/** The target of files: the draft of a chat, or a project. */
export interface UploadTarget {
  readonly key: string;
  /**
   * Gives the target an uploaded file, whatever is shown by then; absent where the target takes it while it is shown.
   */
  readonly take?: (file: FileReference) => Promise<void>;
  /** The chat; absent where it is not created yet, and for a project. */
  readonly chatId?: string;
}

export interface Upload {
  readonly key: string;
  /** The key of its target. */
  readonly target: string;
  readonly name: string;
  readonly sizeBytes: number;
  /**
   * `waiting`: the server cannot be reached, and is tried again. `stored`: the server has it, and its target not yet.
   */
  readonly state: 'preparing' | 'uploading' | 'waiting' | 'failed' | 'stored';
  /** Share of the bytes that were sent, from 0 to 1. */
  readonly progress: number;
  readonly failure: UploadFailure | null;
  /** Why the server refused the file. */
  readonly reason: string | null;
  readonly file: FileReference | null;
}

/** Uploads the files; see `uploader.ts`. */
export interface UploadWork {
  add(target: UploadTarget, files: readonly File[]): void;
  /** Retries uploads that failed or wait. */
  retry(key: string): void;
  /** Removes it from the list: its target has it, or it is no longer needed. */
  remove(key: string): void;
}

export class FileUploads {
  list = $state.raw<readonly Upload[]>([]);
  /** The address of the bytes of a file; `isInline` for a picture in the page. */
  readonly addressOf: (fileId: string, isInline?: boolean) => string;
  /** Rejects when the browser could not load that part of the page. */
  readonly work: () => Promise<UploadWork>;

  constructor(addressOf: FileUploads['addressOf'], load: (uploads: FileUploads) => Promise<UploadWork>) {
    this.addressOf = addressOf;
    let work: UploadWork | undefined;
    this.work = async () => (work ??= await load(this));
  }

  of(target: string): readonly Upload[] {
    return this.list.filter((upload) => upload.target === target);
  }
}
