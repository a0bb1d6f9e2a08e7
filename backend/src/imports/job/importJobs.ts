/**
 * Runs imports in turn: counts the contents, waits for the start, and stores them. An import is a row and a file, so it
 * continues after a restart where it stopped; what its report lists is not stored twice.
 */

import type { Readable } from 'node:stream';
import { type ImportJob, type ImportProduct, RillError, type StartImport } from '@rill/protocol';
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/database.ts';
import { createWriteQueue } from '../../database/writeQueue.ts';
import {
  deleteImport,
  findImportProject,
  getImport,
  holdImport,
  type ImportChange,
  type ImportKey,
  insertImport,
  isReported,
  listNeverStarted,
  listUnfinishedImports,
  markStopped,
  reportItem,
  type UnfinishedImport,
  updateImport,
} from '../../store/imports.ts';
import { getProject } from '../../store/projects.ts';
import { type Importer, ImportRefused, type ImportSource } from '../importer.ts';
import { ImportOwner } from './importOwner.ts';
import type { Spool } from './spool.ts';

export interface ImportDependencies {
  readonly database: Database;
  readonly spool: Spool;
  /** Loads the importers; the first one that recognises the data imports it. */
  readonly loadImporters: () => Promise<readonly Importer[]>;
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly bootId: string;
  /** Called when the user's lists have changed. */
  readonly onStored: (ownerId: string) => void;
  readonly logger: { warn(fields: object, message: string): void };
}

export interface NewImportBody {
  readonly ownerId: string;
  readonly name: string;
  readonly body: Readable;
  readonly signal: AbortSignal;
  /** True if it is stored as soon as it is counted. */
  readonly isStarted: boolean;
}

/** How often readers are told to read the lists again during an import, in milliseconds. */
const tellIntervalMs = 2000;

/** How long an import waits for its start, and a file for its import, in milliseconds. */
const keptUnstartedMs = 24 * 60 * 60_000;

const stopped = new Error('The import was stopped.');

export class ImportJobs {
  readonly #dependencies: ImportDependencies;
  readonly #owner: ImportOwner;
  /** One at a time: each may read a gigabyte. */
  readonly #queue = createWriteQueue();
  /** Imports that are running or queued. */
  readonly #working = new Map<string, { readonly stop: AbortController; readonly ended: Promise<void> }>();
  readonly #closing = new AbortController();

  constructor(dependencies: ImportDependencies) {
    this.#dependencies = dependencies;
    this.#owner = new ImportOwner(dependencies);
  }

  get maxBytes(): number {
    return this.#dependencies.maxBytes;
  }

  /** Continues the imports of an earlier process, and removes files that belong to none. */
  async continueAll(): Promise<void> {
    const { database, spool } = this.#dependencies;
    if (database.hasNodes) await this.#removeLeft();
    else await spool.keepOnly(await this.#listUnfinished());
    await this.continueOthers();
  }

  /** Continues the imports of nodes that have ended. */
  async continueOthers(): Promise<void> {
    for (const job of await this.#owner.claim())
      if (job.state !== 'counted' && job.state !== 'stopped') this.#begin(job);
  }

  /** Resolves once the whole body is stored. Errors: body_too_large. */
  async create({ ownerId, name, body, signal, isStarted }: NewImportBody): Promise<ImportJob> {
    const { database, spool, clock, newId } = this.#dependencies;
    const key = { ownerId, importId: newId() };
    const either = AbortSignal.any([signal, this.#closing.signal]);
    const sizeBytes = await spool.write(key.importId, body, either);
    try {
      const made = { ...key, name, sizeBytes, nowMs: clock.nowMs(), bootId: this.#owner.id };
      await database.transaction((transaction) => insertImport(transaction, made));
    } catch (error) {
      await spool.remove(key.importId);
      throw error;
    }
    this.#begin({ ...key, state: 'counting' }, isStarted);
    return getImport(database.reader, key);
  }

  /** Errors: not_found; bad_request for an import that cannot be started. */
  async start(key: ImportKey, { projectId }: StartImport): Promise<ImportJob> {
    const { database } = this.#dependencies;
    const holder = this.#owner.id;
    const job = await database.transaction(async (transaction) => {
      const { state, count } = await getImport(transaction, key);
      if (
        (state !== 'counted' && state !== 'stopped') ||
        this.#working.get(key.importId)?.stop.signal.aborted ||
        (holder !== null && !(await holdImport(transaction, key.importId, holder)))
      )
        throw new RillError('bad_request', { message: 'This import is not waiting for a start.' });
      if (projectId) await getProject(transaction, key.ownerId, projectId);
      await updateImport(transaction, key.importId, {
        state: count === null ? 'counting' : 'running',
        ...(projectId && { projectId }),
      });
      return getImport(transaction, key);
    });
    this.#begin({ ...key, state: job.state }, true);
    return job;
  }

  /** Resolves once nothing more is stored. Errors: not_found. */
  async stop(key: ImportKey): Promise<ImportJob> {
    const { reader } = this.#dependencies.database;
    await getImport(reader, key);
    await this.#stopAnywhere(key.importId);
    return getImport(reader, key);
  }

  /** Errors: not_found. */
  async remove(key: ImportKey): Promise<void> {
    const { database, spool } = this.#dependencies;
    await getImport(database.reader, key);
    await this.#stopAnywhere(key.importId);
    await database.transaction((transaction) => deleteImport(transaction, key.importId));
    await spool.remove(key.importId);
  }

  /** Ends the imports that were not started within a day, and removes files without an import, which may be large. */
  async endUnstarted(): Promise<void> {
    const { database, spool, clock } = this.#dependencies;
    const nowMs = clock.nowMs();
    const ended = await database.transaction(async (transaction) => {
      const due = await listNeverStarted(transaction, nowMs - keptUnstartedMs);
      const idle = due.filter((importId) => !this.#working.has(importId));
      const problem = 'It was not started within a day. Choose the file again.';
      for (const importId of idle)
        await updateImport(transaction, importId, { state: 'failed', problem, endedAtMs: nowMs });
      return idle;
    });
    for (const importId of ended) await spool.remove(importId);
    await this.#removeLeft();
  }

  /** Resolves when no import is running; running ones continue in the next process. */
  async close(): Promise<void> {
    this.#closing.abort(stopped);
    await this.#queue.idle();
  }

  /** Resolves when no import is running; for tests. */
  whenIdle(): Promise<void> {
    return this.#queue.idle();
  }

  async #listUnfinished(): Promise<string[]> {
    const unfinished = await listUnfinishedImports(this.#dependencies.database.reader);
    return unfinished.map(({ importId }) => importId);
  }

  /**
   * Removes files that no import has and that were not written to for a day: a body that is being received has no row
   * yet.
   */
  async #removeLeft(): Promise<void> {
    await this.#dependencies.spool.removeOld(await this.#listUnfinished(), keptUnstartedMs);
  }

  async #stopAnywhere(importId: string): Promise<void> {
    const { database } = this.#dependencies;
    if (database.hasNodes && !this.#working.has(importId)) {
      await database.transaction((transaction) => markStopped(transaction, importId));
      await this.#owner.whenFree(importId);
    }
    await this.#stopWork(importId);
  }

  async #stopWork(importId: string): Promise<void> {
    const working = this.#working.get(importId);
    working?.stop.abort(stopped);
    await working?.ended;
  }

  #begin(job: UnfinishedImport, isStarted = false): void {
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, this.#closing.signal]);
    const endLooks = this.#owner.watch(job.importId, () => stop.abort(stopped));
    const ended = this.#queue.run(async () => {
      try {
        await this.#work(job, { isStarted, signal });
      } catch (error) {
        await this.#end(job, error, stop.signal.aborted);
      } finally {
        endLooks();
        if (this.#working.get(job.importId)?.stop === stop) this.#working.delete(job.importId);
      }
    });
    this.#working.set(job.importId, { stop, ended });
  }

  async #work(job: UnfinishedImport, work: { isStarted: boolean; signal: AbortSignal }): Promise<void> {
    const { database, spool, maxBytes, clock } = this.#dependencies;
    work.signal.throwIfAborted();
    const { name, product } = await getImport(database.reader, job);
    const { openSource } = await import('./openSource.ts');
    const source = await openSource({ path: spool.pathOf(job.importId), name, maxBytes });
    try {
      const importer = await this.#choose(source, product);
      if (job.state === 'counting') {
        const count = await importer.count(source, { ownerId: job.ownerId, signal: work.signal });
        const counted = { product: importer.product, count };
        if (!work.isStarted)
          return await this.#change(job.importId, { ...counted, state: 'counted', bootId: null });
        await this.#change(job.importId, { ...counted, state: 'running' });
      }
      await this.#store(job, { importer, source, signal: work.signal });
    } finally {
      await source.close();
    }
    await this.#change(job.importId, { state: 'completed', endedAtMs: clock.nowMs(), bootId: null });
    await spool.remove(job.importId);
  }

  async #choose(source: ImportSource, known: ImportProduct | null): Promise<Importer> {
    for (const importer of await this.#dependencies.loadImporters())
      if (known === null ? await importer.recognise(source) : importer.product === known) return importer;
    throw new ImportRefused(
      'This is no archive of Rill, and no export of another product that Rill can read.',
    );
  }

  async #store(
    { importId, ownerId }: ImportKey,
    { importer, source, signal }: { importer: Importer; source: ImportSource; signal: AbortSignal },
  ): Promise<void> {
    const { database, clock, onStored } = this.#dependencies;
    let cancelTimer: () => void = () => undefined;
    const tell = () => {
      onStored(ownerId);
      cancelTimer = clock.schedule(tellIntervalMs, tell);
    };
    cancelTimer = clock.schedule(tellIntervalMs, tell);
    try {
      await importer.run(source, {
        ownerId,
        signal,
        projectId: await findImportProject(database.reader, importId),
        setProject: async (transaction, projectId) => {
          await this.#owner.assertAlive(transaction);
          await updateImport(transaction, importId, { projectId });
        },
        isReported: (key) => isReported(database.reader, importId, key),
        report: async (transaction, item) => {
          await this.#owner.assertAlive(transaction);
          await reportItem(transaction, importId, item);
        },
      });
    } finally {
      cancelTimer();
      onStored(ownerId);
    }
  }

  /** Stores the state of an import that the closing server interrupted, so that the next process continues it. */
  async #end(job: UnfinishedImport, error: unknown, isStopped: boolean): Promise<void> {
    const { spool, clock, logger } = this.#dependencies;
    if (!isStopped && this.#closing.signal.aborted) return;
    const isRefused = error instanceof ImportRefused;
    if (!isRefused && !isStopped) logger.warn({ err: error, importId: job.importId }, 'an import failed');
    const problem = isRefused ? error.message : 'Something went wrong on the server.';
    try {
      if (isStopped) return await this.#change(job.importId, { state: 'stopped', bootId: null });
      await this.#change(job.importId, { state: 'failed', problem, endedAtMs: clock.nowMs(), bootId: null });
      await spool.remove(job.importId);
    } catch (cause) {
      logger.warn({ err: cause, importId: job.importId }, 'the state of an import was not saved');
    }
  }

  async #change(importId: string, change: ImportChange): Promise<void> {
    await this.#dependencies.database.transaction(async (transaction) => {
      await this.#owner.assertAlive(transaction);
      await updateImport(transaction, importId, change);
    });
  }
}
