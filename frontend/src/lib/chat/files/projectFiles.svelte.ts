/**
 * Reads the files that every chat of a project gets, and changes them: one request at a time, in the order of the
 * actions.
 */
import type { RillClient } from '@rill/client/source';
import type { FileReference } from '@rill/protocol';
import { asRillError } from '../rillError.ts';

const targetPrefix = 'project:';

/** The key under which files are uploaded for a project. */
export const targetOfProject = (projectId: string): string => targetPrefix + projectId;

/** Null for the key of anything else. */
export const projectOfTarget = (key: string): string | null =>
  key.startsWith(targetPrefix) ? key.slice(targetPrefix.length) : null;

export type ProjectFileServer = Pick<RillClient, 'listProjectFiles' | 'putProjectFiles'>;

export class ProjectFiles {
  /** In the order in which they were uploaded; null until they are read. */
  list = $state.raw<readonly FileReference[] | null>(null);
  /** The last failure, as one sentence. */
  failure = $state<string | null>(null);
  readonly #server: ProjectFileServer;
  readonly #projectId: string;
  #turns: Promise<unknown> = Promise.resolve();
  #lastChange = 0;

  constructor(server: ProjectFileServer, projectId: string) {
    this.#server = server;
    this.#projectId = projectId;
  }

  async read(): Promise<void> {
    const asOf = this.#lastChange;
    try {
      await this.#inTurn(async () => {
        this.#take(await this.#server.listProjectFiles({ projectId: this.#projectId }), asOf);
      });
      this.failure = null;
    } catch (error) {
      this.failure = asRillError(error).message;
    }
  }

  /** Rejects when the server does not take it. One that is there already stays so. */
  async add(file: FileReference): Promise<void> {
    await this.#change((ids) => (ids.includes(file.id) ? ids : [...ids, file.id]));
    this.#show(file);
    this.failure = null;
  }

  /** Removes a file from the list at once. False when the server did not remove it: then it is back. */
  async remove(file: FileReference): Promise<boolean> {
    this.list = this.list?.filter(({ id }) => id !== file.id) ?? null;
    try {
      await this.#change((ids) => ids.filter((id) => id !== file.id));
      this.failure = null;
      return true;
    } catch (error) {
      this.#show(file);
      this.failure = asRillError(error).message;
      return false;
    }
  }

  /** Restores a removed file. False when the server did not accept it. */
  async putBack(file: FileReference): Promise<boolean> {
    try {
      await this.add(file);
      return true;
    } catch (error) {
      this.failure = asRillError(error).message;
      return false;
    }
  }

  #show(file: FileReference): void {
    const list = this.list ?? [];
    if (list.some(({ id }) => id === file.id)) return;
    this.list = [...list, file].sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  /** Changes that another tab has made since are kept. */
  #change(edit: (fileIds: string[]) => string[]): Promise<void> {
    const change = ++this.#lastChange;
    return this.#inTurn(async () => {
      const projectId = this.#projectId;
      const { files } = await this.#server.listProjectFiles({ projectId });
      const fileIds = edit(files.map(({ id }) => id));
      this.#take(await this.#server.putProjectFiles({ projectId, fileIds }), change);
    });
  }

  /** A response that does not include the last change is followed by one that does. */
  #take({ files }: { readonly files: readonly FileReference[] }, asOf: number): void {
    if (asOf === this.#lastChange) this.list = files;
  }

  #inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const done = this.#turns.then(act);
    // The caller gets the failure; the next turn starts all the same.
    this.#turns = done.catch(() => undefined);
    return done;
  }
}
