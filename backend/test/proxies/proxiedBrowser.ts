/** Acts as a visitor's browser behind a proxy: any Host, an address of its own, HTTP/1.1 or HTTP/2 over TLS. */
import { EventEmitter, once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:http2';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

export interface VisitorOptions {
  readonly port: number;
  /** The origin in its address bar, such as `https://chat.example.com`. */
  readonly origin: string;
  /** True speaks HTTP/2 over TLS. */
  readonly isHttp2?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
}

export interface Call {
  readonly method?: string;
  readonly path: string;
  readonly body?: object;
  readonly headers?: Record<string, string>;
  /** A local address of this machine, such as 127.0.0.2. */
  readonly address?: string;
  readonly signal?: AbortSignal;
}

/** Sends like a browser: with its Origin when it posts, and with the host name that it knows. */
export async function ask(options: VisitorOptions, call: Call): Promise<Answer> {
  const { method = 'GET', body } = call;
  const headers = {
    ...(method !== 'GET' && { origin: options.origin }),
    ...(body && { 'content-type': 'application/json' }),
    ...call.headers,
  };
  const text = body && JSON.stringify(body);
  const answer = await (options.isHttp2 ? askHttp2 : askHttp1)(options, call, headers, text);
  const isCompressed = answer.headers['content-encoding'] === 'gzip';
  return isCompressed ? { ...answer, body: answer.body.pipe(createGunzip()) } : answer;
}

async function askHttp1(
  { port, origin }: VisitorOptions,
  { method, path, address, signal }: Call,
  headers: Record<string, string>,
  text: string | undefined,
): Promise<Answer> {
  const sent = request({
    host: '127.0.0.1',
    port,
    method,
    path,
    agent: false,
    ...(address && { localAddress: address }),
    ...(signal && { signal }),
    headers: { ...headers, host: new URL(origin).host },
  });
  sent.end(text);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, body: response };
}

async function askHttp2(
  { port, origin }: VisitorOptions,
  { method = 'GET', path }: Call,
  headers: Record<string, string>,
  text: string | undefined,
): Promise<Answer> {
  const session = connect(`https://127.0.0.1:${port}`, {
    rejectUnauthorized: false,
    servername: 'chat.example.com',
  });
  const stream = session.request({
    ...headers,
    ':method': method,
    ':path': path,
    ':authority': new URL(origin).host,
  });
  stream.once('close', () => session.destroy());
  stream.end(text);
  const [head] = (await once(stream, 'response')) as [IncomingHttpHeaders & { ':status'?: number }];
  return { status: head[':status'] ?? 0, headers: head, body: stream };
}

/** Reads the text of a body to its end. */
export async function textOf({ body }: Answer): Promise<string> {
  const parts: Buffer[] = [];
  for await (const bytes of body) parts.push(bytes as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

/** Reads a body continuously: `until` resolves as soon as the text so far matches. */
export function readOn({ body }: Answer) {
  const state = { text: '', isOver: false };
  const changes = new EventEmitter();
  body.on('data', (bytes: Buffer) => {
    state.text += bytes.toString();
    changes.emit('change');
  });
  body.once('close', () => {
    state.isOver = true;
    changes.emit('change');
  });
  return {
    async until(pattern: RegExp): Promise<string> {
      while (!pattern.test(state.text)) {
        if (state.isOver) throw new Error(`The body ended without ${pattern}:\n${state.text}`);
        await once(changes, 'change');
      }
      return state.text;
    },
    leave: () => body.destroy(),
  };
}
