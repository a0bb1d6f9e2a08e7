/** Starts provider, readers and a server that can be restarted on the same data, for the resume bench. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild } from '../support/child.ts';
import { leaveServerCore, restCore, serverCore } from '../support/cores.ts';
import { postJson, startRill } from '../support/rillServer.ts';
import type { Attach, AttachAnswer, AttachQuestion } from './clients.ts';

const chunkBytes = 1024;

export interface Answered {
  /** Relative to the server's address. */
  readonly path: string;
  readonly runId: string;
}

export class Stage {
  readonly #folder: string;
  readonly #upstream: Child;
  readonly #clients: Child;
  #server: Child | null = null;

  private constructor(folder: string, upstream: Child, clients: Child) {
    this.#folder = folder;
    this.#upstream = upstream;
    this.#clients = clients;
  }

  static async open(): Promise<Stage> {
    leaveServerCore();
    const folder = await mkdtemp(join(tmpdir(), 'rill-bench-resume-'));
    const upstream = await startChild({ entry: 'support/upstream.ts', ...restCore });
    return new Stage(folder, upstream, await startChild({ entry: 'resume/clients.ts', ...restCore }));
  }

  get server(): Child {
    if (!this.#server) throw new Error('The server is not started.');
    return this.#server;
  }

  /** Kills the server, if there is one, and starts another on its data; resolves with the milliseconds to ready. */
  async restart(): Promise<number> {
    await this.#server?.stop();
    const startMs = performance.now();
    this.#server = await startRill({
      folder: this.#folder,
      upstreamUrl: this.#upstream.ready,
      environment: { RILL_IDLE_TIMEOUT_MS: '600000' },
      ...serverCore,
    });
    return performance.now() - startMs;
  }

  /** Writes one answer of this length in each of `count` chats; with `isHeld` they all stay open. */
  async answers(count: number, contentLength: number, isHeld: boolean): Promise<Answered[]> {
    const pace = { perSecond: 0, count: contentLength / chunkBytes, contentBytes: chunkBytes, holds: isHeld };
    await this.#upstream.ask({ pace });
    const { ready: url } = this.server;
    const { projects } = await (await fetch(`${url}/api/projects`)).json();
    const chats = `/api/projects/${projects[0].id}/chats`;
    const paths: string[] = [];
    while (paths.length < count) {
      const { id } = await postJson<{ id: string }>(url + chats, {});
      paths.push(`${chats}/${id}/messages/stream`);
    }
    const targets = paths.map(
      (path): Attach => ({
        url: url + path,
        body: '{"content":"Hello"}',
        contentLength: isHeld ? contentLength : null,
        leaves: isHeld,
      }),
    );
    const sent = await this.attach({ targets, atOnce: 20 });
    const failed = sent.find(({ failure }) => failure !== undefined);
    if (failed) throw new Error(`An answer could not be prepared: ${failed.failure}`);
    return paths.map((path, index) => ({ path, runId: sent[index]?.runId ?? '' }));
  }

  /** A resume of the answer from its start. */
  resume({ path, runId }: Answered, contentLength: number | null, leaves: boolean): Attach {
    return { url: `${this.server.ready}${path}?cursor=${runId}.0.0.0`, contentLength, leaves };
  }

  attach(question: AttachQuestion): Promise<AttachAnswer[]> {
    return this.#clients.ask<AttachAnswer[]>(question);
  }

  async close(): Promise<void> {
    await this.#server?.stop();
    await this.#clients.stop();
    await this.#upstream.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
