/**
 * Controls an import of other products' chats or of an archive: uploads the file, shows counts and progress, and reads
 * the report. The import runs on the server: closing the page stops nothing, and a page that is opened again finds it.
 */
import type { RillClient } from '@rill/client/source';
import type { ImportItem, ImportJob, ImportOutcome } from '@rill/protocol';
import { asRillError } from '../rillError.ts';

export type ImportServer = Pick<
  RillClient,
  | 'createImport'
  | 'listImports'
  | 'getImport'
  | 'getImportReport'
  | 'startImport'
  | 'stopImport'
  | 'deleteImport'
>;

interface ImportRef {
  readonly importId: string;
}

/** Lines of the report that are read at once. */
const pageSize = 50;
/** The outcomes that a report shows first, if it has any: those that the user should check. */
const firstShown: readonly ImportOutcome[] = ['failed', 'partial'];

export class ImportState {
  /** The newest import; null while none is known. */
  job = $state.raw<ImportJob | null>(null);
  /** Name of the file that is being sent. */
  sending = $state<string | null>(null);
  /** The last failure, as one sentence. */
  failure = $state<string | null>(null);
  /** True while a response is awaited that changes the import. */
  isBusy = $state(false);
  items = $state.raw<readonly ImportItem[]>([]);
  /** Which lines of the report are shown; null for all. */
  outcome = $state<ImportOutcome | null>(null);
  hasMore = $state(false);
  readonly #server: ImportServer;
  #nextPageToken: string | null = null;
  #abort: AbortController | null = null;

  constructor(server: ImportServer) {
    this.#server = server;
  }

  /** True while the server works on it, so that polling makes sense. */
  get isWorking(): boolean {
    return this.job?.state === 'counting' || this.job?.state === 'running';
  }

  /** Finds the import that was started last. */
  async open(): Promise<void> {
    await this.#attempt(async () => {
      const { imports } = await this.#server.listImports();
      this.job = imports[0] ?? null;
      if (this.job) await this.#readReportOfEnd();
    });
  }

  async send(file: File): Promise<void> {
    if (this.sending !== null) return;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.sending = file.name;
    await this.#attempt(async () => {
      const name = file.name.slice(0, 300);
      this.job = await this.#server.createImport({ file, name, signal });
    });
    if (signal.aborted) this.failure = null;
    this.sending = null;
  }

  cancelSending(): void {
    this.#abort?.abort();
  }

  /** Polls its progress. A failure is not shown: the next poll may succeed. */
  async refresh(): Promise<void> {
    const ref = this.#ref();
    if (!ref || this.isBusy) return;
    try {
      const job = await this.#server.getImport(ref);
      if (this.job?.id !== job.id || this.isBusy) return;
      this.job = job;
      this.failure = null;
      await this.#readReportOfEnd();
    } catch (error) {
      this.failure = asRillError(error).message;
    }
  }

  start(projectId: string | null): Promise<void> {
    return this.#change((ref) => this.#server.startImport({ ...ref, projectId }));
  }

  /** Continues an import that was stopped, in the project of its earlier chats. */
  resume(): Promise<void> {
    return this.#change((ref) => this.#server.startImport(ref));
  }

  stop(): Promise<void> {
    return this.#change((ref) => this.#server.stopImport(ref));
  }

  /** Deletes the import; what it stored is kept. */
  async forget(): Promise<void> {
    await this.#change(async (ref) => {
      await this.#server.deleteImport(ref);
      return null;
    });
  }

  /** Shows the lines with this outcome, from the first. */
  async show(outcome: ImportOutcome | null): Promise<void> {
    this.outcome = outcome;
    await this.#readPage(null);
  }

  async readMore(): Promise<void> {
    await this.#readPage(this.#nextPageToken);
  }

  async #readReportOfEnd(): Promise<void> {
    const { job } = this;
    if (job?.state !== 'completed') return;
    await this.show(firstShown.find((outcome) => (job.outcomes[outcome] ?? 0) > 0) ?? null);
  }

  async #readPage(pageToken: string | null): Promise<void> {
    const ref = this.#ref();
    const { outcome } = this;
    if (!ref) return;
    try {
      const page = await this.#server.getImportReport({
        ...ref,
        limit: pageSize,
        ...(outcome && { outcome }),
        ...(pageToken !== null && { pageToken }),
      });
      // Another filter was chosen meanwhile.
      if (this.outcome !== outcome || this.job?.id !== ref.importId) return;
      this.items = pageToken === null ? page.items : [...this.items, ...page.items];
      this.#nextPageToken = page.nextPageToken;
      this.hasMore = page.nextPageToken !== null;
    } catch (error) {
      this.failure = asRillError(error).message;
    }
  }

  async #change(call: (ref: ImportRef) => Promise<ImportJob | null>): Promise<void> {
    const ref = this.#ref();
    if (!ref || this.isBusy) return;
    await this.#attempt(async () => {
      this.job = await call(ref);
      this.items = [];
      this.hasMore = false;
      await this.#readReportOfEnd();
    });
  }

  #ref(): ImportRef | null {
    return this.job && { importId: this.job.id };
  }

  async #attempt(action: () => Promise<void>): Promise<void> {
    this.isBusy = true;
    this.failure = null;
    try {
      await action();
    } catch (error) {
      this.failure = asRillError(error).message;
    } finally {
      this.isBusy = false;
    }
  }
}
