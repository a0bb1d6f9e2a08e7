/** Records both ends of a foreign client's stream: what it received, and what it requested. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodeFrame, emptyRunView, foldFrame, isEnded, type RunView } from '@rill/protocol';
import type { TestServer } from './startTestServer.ts';

/** The message that every SSE library emits. */
export interface ForeignMessage {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** Resolves waits for a condition, which is evaluated again at every change. */
export class Changes {
  readonly #waiting = new Set<() => void>();

  notify(): void {
    for (const check of [...this.#waiting]) check();
  }

  until(isTrue: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!isTrue()) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }
}

/** The answer as a client builds it, with the protocol's fold and without it. */
export class ForeignAnswer {
  readonly changes = new Changes();
  /** Event types of the frames, in their order. */
  readonly types: string[] = [];
  view: RunView | undefined;
  lastId = '';
  /** The joined text of every chunk: correct only when the client got each text once. */
  joinedText = '';

  take(message: ForeignMessage): void {
    const frame = decodeFrame(message);
    if (!frame) return;
    this.types.push(message.event);
    this.lastId = message.id;
    if (frame.event?.type === 'chunk') this.joinedText += frame.event.data.content;
    this.view = foldFrame(this.view ?? emptyRunView(frame.cursor.runId), frame);
    this.changes.notify();
  }

  get hasEnded(): boolean {
    return this.view !== undefined && isEnded(this.view);
  }

  untilText(text: string): Promise<void> {
    return this.changes.until(() => this.view?.content === text);
  }

  untilEnd(): Promise<void> {
    return this.changes.until(() => this.hasEnded);
  }
}

/** One request to a stream route, as the server got it. */
export interface StreamRequest {
  readonly method: string | undefined;
  readonly key: unknown;
  readonly lastEventId: unknown;
  /** Status of the response; resolves only when the client has it. */
  readonly status: number;
  readonly runId: unknown;
}

export interface StreamRequests {
  /** Every request so far, oldest first. */
  readonly all: readonly StreamRequest[];
  /** Destroys the server's end of the newest one's connection. */
  cutNewest(): void;
}

/** Watches the stream routes of a server from now on. */
export function watchStreamRequests(server: TestServer): StreamRequests {
  const exchanges: { request: IncomingMessage; response: ServerResponse; head: Record<string, unknown> }[] =
    [];
  server.app.server.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!request.url?.includes('/messages/stream')) return;
    const head: Record<string, unknown> = {};
    exchanges.push({ request, response, head });
    const { writeHead } = response;
    // A head that is written at once cannot be read from the response afterwards.
    response.writeHead = (...parameters: unknown[]): ServerResponse => {
      Object.assign(head, parameters.at(-1));
      return Reflect.apply(writeHead, response, parameters);
    };
  });
  return {
    get all() {
      return exchanges.map(({ request, response, head }) => ({
        method: request.method,
        key: request.headers['idempotency-key'],
        lastEventId: request.headers['last-event-id'],
        status: response.statusCode,
        runId: head['Rill-Run'],
      }));
    },
    cutNewest() {
      const socket = exchanges.at(-1)?.request.socket;
      if (!socket || socket.destroyed) throw new Error('There is no stream to cut.');
      socket.destroy();
    },
  };
}
