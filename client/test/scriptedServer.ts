/** Runs a real HTTP server on a free port that answers each request with the next answer of a test's script. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { encodeFrame, parseCursor, type RunFrame, startOfRun, streamPreamble } from '@rill/protocol';
import { catchUpFrames } from '@rill/protocol/conformance/referenceRun.ts';

export interface ReceivedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Answers one request. */
export type Answer = (request: ReceivedRequest, response: ServerResponse) => void;

export class ScriptedServer implements AsyncDisposable {
  readonly requests: ReceivedRequest[] = [];
  readonly #server: Server;
  readonly #script: Answer[] = [];
  #otherwise: Answer | null = null;
  #openCount = 0;
  readonly #whenIdle: (() => void)[] = [];
  readonly #whenRequested: { count: number; resolve: () => void }[] = [];

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#openCount += 1;
      response.once('close', () => this.#closed());
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => this.#answer(request, Buffer.concat(parts).toString(), response));
    });
  }

  static start(...script: readonly Answer[]): Promise<ScriptedServer> {
    const server = new ScriptedServer();
    server.answer(...script);
    return new Promise((resolve) => {
      server.#server.listen(0, '127.0.0.1', () => resolve(server));
    });
  }

  get baseUrl(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The server does not listen.');
    return `http://127.0.0.1:${address.port}`;
  }

  /** Adds answers to the script. */
  answer(...script: readonly Answer[]): void {
    this.#script.push(...script);
  }

  /** Forgets the answers that no request used. */
  clearScript(): void {
    this.#script.length = 0;
  }

  /** Answers every request past the script's end. */
  otherwise(answer: Answer): void {
    this.#otherwise = answer;
  }

  /** Resolves when no exchange is open, whichever side closed it. */
  idle(): Promise<void> {
    if (this.#openCount === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenIdle.push(resolve);
    });
  }

  /** Resolves when `count` requests have come in all. */
  requested(count: number): Promise<void> {
    if (this.requests.length >= count) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenRequested.push({ count, resolve });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  #answer({ method = '', url = '', headers }: IncomingMessage, body: string, response: ServerResponse): void {
    const request = { method, url, headers, body };
    this.requests.push(request);
    for (const { count, resolve } of this.#whenRequested) {
      if (this.requests.length >= count) resolve();
    }
    const answer = this.#script.shift() ?? this.#otherwise ?? status(500, 'The script is over.');
    answer(request, response);
  }

  #closed(): void {
    this.#openCount -= 1;
    if (this.#openCount > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}

/** The bytes of a stream's body that carries these frames. */
export function streamBytes(frames: readonly RunFrame[]): Buffer {
  return Buffer.from(streamPreamble + frames.map(encodeFrame).join(''));
}

export const status =
  (code: number, html: string, headers: Record<string, string> = {}): Answer =>
  (_, response) => {
    response.writeHead(code, { 'content-type': 'text/html', ...headers }).end(html);
  };

export const json =
  (code: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (_, response) => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };

export const nothing: Answer = (_, response) => {
  response.writeHead(204).end();
};

/** The connection breaks before any answer. */
export const noAnswer: Answer = (_, response) => {
  response.destroy();
};

export interface StreamShape {
  /** Bytes of the body after which the connection breaks; absent: it does not. */
  readonly breakAfterBytes?: number;
  /** Leaves the response open after its bytes. */
  readonly staysOpen?: true;
  /** Default: with `Rill-Run` of the first frame. */
  readonly headers?: Record<string, string>;
}

/** An event stream with exactly these body bytes. */
export const stream =
  (bytes: Buffer, runId: string, shape: StreamShape = {}): Answer =>
  (_, response) => {
    const headers = shape.headers ?? { 'rill-protocol': '1', 'rill-run': runId };
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', ...headers });
    response.flushHeaders();
    const part = bytes.subarray(0, shape.breakAfterBytes ?? bytes.length);
    if (shape.breakAfterBytes !== undefined) response.write(part, () => response.destroy());
    else if (shape.staysOpen) response.write(part);
    else response.end(part);
  };

/** The frames a real server sends for the request's cursor when `written` frames of the log exist. */
export const resume =
  (log: readonly RunFrame[], shape: StreamShape & { written?: number; tail?: number } = {}): Answer =>
  (request, response) => {
    const written = shape.written ?? log.length;
    const last = log[written - 1];
    if (!last) throw new Error('A log has its first frame before anyone reads it.');
    const cursorText = request.headers['last-event-id'];
    const from = typeof cursorText === 'string' ? parseCursor(cursorText) : startOfRun(last.cursor.runId);
    const frames = [
      ...catchUpFrames(log.slice(0, written), from),
      ...log.slice(written, shape.tail ?? written),
    ];
    if (frames.length === 0 && from.seq >= log.length) nothing(request, response);
    else stream(streamBytes(frames), last.cursor.runId, shape)(request, response);
  };
