/**
 * Prepares files one after another and uploads two at a time, so that memory is bounded and connections stay free for
 * answers. An upload waits while the server is away, and an upload interrupted by a reload starts again.
 */
import { uploadWatched, type WatchedUploadRequest } from '@rill/client/source';
import { type FileReference, maxFileBytes, type RillError } from '@rill/protocol';
import { asRillError } from '../rillError.ts';
import type { StoredText } from '../storage/storedText.ts';
import { browserBytes } from './browserBytes.ts';
import type { FileUploads, Upload, UploadFailure, UploadTarget, UploadWork } from './fileUploads.svelte.ts';
import { createKeptUploads, type KeptUpload, type KeptUploads } from './keptUploads.ts';
import { headerBytes } from './pictureHeader.ts';
import { type PictureRefusal, preparePicture } from './preparePicture.ts';
import { type ProjectFileServer, ProjectFiles, projectOfTarget } from './projectFiles.svelte.ts';

export interface UploaderOptions {
  readonly uploads: FileUploads;
  readonly upload: (request: WatchedUploadRequest) => Promise<FileReference>;
  readonly newId: () => string;
  readonly kept: KeptUploads;
  /**
   * Returns the function that gives a file to a target that takes files itself, by its key; undefined for any other.
   */
  readonly takerOf: (targetKey: string) => UploadTarget['take'];
}

const maxAtOnce = 2;
/** Wait before an upload that reached no server is retried, in milliseconds. */
const retryMs = 5000;

const pictureFailures: Readonly<Record<PictureRefusal, UploadFailure>> = {
  'too-many-pixels': 'too-many-pixels',
  unreadable: 'unreadable-picture',
};

interface Job {
  readonly key: string;
  readonly target: UploadTarget;
  readonly file: File;
  readonly abort: AbortController;
  /** The data to upload; null until it is prepared. */
  prepared: { readonly content: Blob; readonly name: string } | null;
  /** The uploaded file; null until then. */
  stored: FileReference | null;
}

export interface PageUploads extends Pick<UploaderOptions, 'uploads' | 'newId'> {
  readonly baseUrl: string;
  /** The uploads of this tab. */
  readonly keptList: StoredText;
  readonly projectFileServer: ProjectFileServer;
}

/** Uploads to the server of the page. */
export function createUploader({ baseUrl, keptList, projectFileServer, ...options }: PageUploads): Uploader {
  return new Uploader({
    ...options,
    upload: (request) => uploadWatched(baseUrl, request),
    kept: createKeptUploads(
      keptList,
      browserBytes(() => Date.now()),
    ),
    takerOf(targetKey) {
      const projectId = projectOfTarget(targetKey);
      return projectId === null
        ? undefined
        : (file) => new ProjectFiles(projectFileServer, projectId).add(file);
    },
  });
}

export class Uploader implements UploadWork {
  readonly #options: UploaderOptions;
  readonly #jobs = new Map<string, Job>();
  #waiting: Job[] = [];
  #active = 0;
  /** Preparations run one after another. */
  #preparing: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: UploaderOptions) {
    this.#options = options;
    globalThis.addEventListener?.('online', () => this.#resume());
    for (const kept of options.kept.list()) void this.#restore(kept);
  }

  add(target: UploadTarget, files: readonly File[]): void {
    const { newId, kept } = this.#options;
    for (const file of files) {
      const key = newId();
      const failure = failureBefore(file);
      const { name, size: sizeBytes } = file;
      this.#show({ key, target: target.key, name, sizeBytes }, failure);
      if (failure) continue;
      const { chatId } = target;
      kept.add(
        { key, target: { key: target.key, ...(chatId !== undefined && { chatId }) }, name, sizeBytes },
        file,
      );
      this.#begin(key, target, file);
    }
  }

  async #restore({ key, target, name, sizeBytes }: KeptUpload): Promise<void> {
    const { kept, takerOf } = this.#options;
    this.#show({ key, target: target.key, name, sizeBytes }, null);
    const bytes = await kept.bytesOf(key);
    if (!this.#options.uploads.list.some((upload) => upload.key === key)) return;
    if (!bytes) return this.#fail({ key }, 'lost');
    const take = takerOf(target.key);
    this.#begin(key, { ...target, ...(take && { take }) }, new File([bytes], name, { type: bytes.type }));
  }

  #show(upload: Pick<Upload, 'key' | 'target' | 'name' | 'sizeBytes'>, failure: UploadFailure | null): void {
    const { uploads } = this.#options;
    const state = failure ? 'failed' : 'preparing';
    uploads.list = [...uploads.list, { ...upload, state, progress: 0, failure, reason: null, file: null }];
  }

  #begin(key: string, target: UploadTarget, file: File): void {
    const job = { key, target, file, abort: new AbortController(), prepared: null, stored: null };
    this.#jobs.set(key, job);
    this.#prepare(job);
  }

  retry(key: string): void {
    const job = this.#jobs.get(key);
    if (!job) return;
    this.#change(key, { state: 'preparing', failure: null, reason: null, progress: 0 });
    this.#prepare(job);
  }

  remove(key: string): void {
    const { uploads, kept } = this.#options;
    uploads.list = uploads.list.filter((upload) => upload.key !== key);
    kept.forget(key);
    this.#jobs.get(key)?.abort.abort();
    this.#jobs.delete(key);
    this.#waiting = this.#waiting.filter((job) => job.key !== key);
  }

  /** Called when the server may be back. */
  #resume(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const { key, state } of this.#options.uploads.list) if (state === 'waiting') this.retry(key);
  }

  #change(key: string, change: Partial<Upload>): void {
    const { uploads } = this.#options;
    uploads.list = uploads.list.map((upload) => (upload.key === key ? { ...upload, ...change } : upload));
  }

  #prepare(job: Job): void {
    this.#preparing = this.#preparing.then(() => this.#prepareNow(job));
  }

  async #prepareNow(job: Job): Promise<void> {
    if (job.abort.signal.aborted) return;
    try {
      if (!job.prepared) {
        const head = new Uint8Array(await job.file.slice(0, headerBytes).arrayBuffer());
        const picture = await preparePicture(job.file, head);
        if (picture && 'refusal' in picture) return this.#fail(job, pictureFailures[picture.refusal]);
        job.prepared = picture
          ? { content: picture.blob, name: picture.name }
          : { content: job.file, name: job.file.name };
      }
    } catch {
      // A folder, or a file that was moved or changed since it was chosen.
      return this.#fail(job, 'unreadable');
    }
    this.#waiting.push(job);
    this.#uploadNext();
  }

  #uploadNext(): void {
    while (this.#active < maxAtOnce) {
      const job = this.#waiting.shift();
      if (!job) return;
      this.#active += 1;
      void this.#upload(job).finally(() => {
        this.#active -= 1;
        this.#uploadNext();
      });
    }
  }

  async #upload(job: Job): Promise<void> {
    const { upload } = this.#options;
    const { key, target, abort, prepared } = job;
    if (!prepared) return;
    const { name, content } = prepared;
    this.#change(key, { state: 'uploading', name, sizeBytes: content.size, progress: 0 });
    try {
      job.stored ??= await upload({
        name,
        content,
        ...(target.chatId !== undefined && { chatId: target.chatId }),
        signal: abort.signal,
        onProgress: (progress) => this.#change(key, { progress }),
      });
      if (target.take) {
        await target.take(job.stored);
        return this.remove(key);
      }
      this.#jobs.delete(key);
      this.#change(key, { state: 'stored', progress: 1, file: job.stored });
    } catch (error) {
      if (!abort.signal.aborted) this.#takeError(job, asRillError(error));
    }
  }

  #takeError(job: Job, error: RillError): void {
    if (error.isRetryable || error.code === 'unauthorized') {
      this.#change(job.key, { state: 'waiting', progress: 0 });
      this.#timer ??= setTimeout(() => this.#resume(), retryMs);
    } else this.#fail(job, error.code === 'file_too_large' ? 'too-large' : 'refused', error.message);
  }

  #fail({ key }: Pick<Job, 'key'>, failure: UploadFailure, reason: string | null = null): void {
    this.#change(key, { state: 'failed', failure, reason });
  }
}

/** Why an upload would fail; null when it may succeed. */
function failureBefore(file: File): UploadFailure | null {
  if (file.size === 0) return 'empty';
  // A picture is scaled down first.
  return file.size > maxFileBytes && !file.type.startsWith('image/') ? 'too-large' : null;
}
