/** Makes the requests of a bench and times them, from before the connection is opened or reused. */
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { FrameScanner } from './frameScanner.ts';

/** A request fails after this much silence, so that a bench always ends. */
const silenceLimitMs = 30_000;
function failOnSilence(call: ClientRequest, url: string): void {
  call.setTimeout(silenceLimitMs, () => {
    const { socket } = call;
    const state = socket?.connecting ? 'not connected yet' : `after ${socket?.bytesRead ?? 0} bytes`;
    call.destroy(new Error(`Silence from ${url}, ${state}`));
  });
}

const keptAlive = new Agent({ keepAlive: true, maxSockets: 1 });

export interface Timed {
  readonly ms: number;
  readonly bytes: number;
}

/** Makes a GET over a keep-alive connection. Errors: any status but 200. */
export const timedGet = (url: string): Promise<Timed> => timed('GET', url, 200);
/** Makes a DELETE over a keep-alive connection. Errors: any status but 204. */
export const timedDelete = (url: string): Promise<Timed> => timed('DELETE', url, 204);

function timed(method: string, url: string, status: number): Promise<Timed> {
  const startMs = performance.now();
  return new Promise((resolve, reject) => {
    const call = request(url, { method, agent: keptAlive }, (response) => {
      let bytes = 0;
      response.on('data', (part: Buffer) => {
        bytes += part.length;
      });
      response.once('end', () => {
        if (response.statusCode === status) resolve({ ms: performance.now() - startMs, bytes });
        else reject(new Error(`${response.statusCode} ${url}`));
      });
    });
    call.once('error', reject);
    failOnSilence(call, url);
    call.end();
  });
}

export interface StreamRead {
  readonly runId: string;
  readonly caughtUpMs: number;
  /** Infinity when the reader left before the end. */
  readonly endedMs: number;
  readonly frameCount: number;
  /** All bytes that arrived over the socket, including heads and chunk sizes. */
  readonly wireBytes: number;
}

export interface StreamOptions {
  /** With a body the request is a POST. */
  readonly body?: string;
  readonly isCaughtUp: (scanner: FrameScanner) => boolean;
  /** True to leave after catching up, false to read to the end. */
  readonly leaves?: boolean;
}

/** Reads an event stream over its own connection. Errors: any status but 200, or an end before it has caught up. */
export function readStream(url: string, options: StreamOptions): Promise<StreamRead> {
  const { body, isCaughtUp, leaves = false } = options;
  const scanner = new FrameScanner();
  const startMs = performance.now();
  return new Promise((resolve, reject) => {
    let caughtUpMs = Number.POSITIVE_INFINITY;
    const read = (response: IncomingMessage): void => {
      const { socket } = response;
      const result = (endedMs: number): StreamRead => ({
        runId: String(response.headers['rill-run']),
        caughtUpMs,
        endedMs,
        frameCount: scanner.frameCount,
        wireBytes: socket.bytesRead,
      });
      if (response.statusCode !== 200) {
        call.destroy();
        reject(new Error(`${response.statusCode} ${url}`));
        return;
      }
      response.on('data', (bytes: Buffer) => {
        scanner.push(bytes);
        if (caughtUpMs !== Number.POSITIVE_INFINITY || !isCaughtUp(scanner)) return;
        caughtUpMs = performance.now() - startMs;
        if (!leaves) return;
        resolve(result(Number.POSITIVE_INFINITY));
        call.destroy();
      });
      response.once('end', () => {
        if (caughtUpMs === Number.POSITIVE_INFINITY) reject(new Error(`The stream ended too early: ${url}`));
        else resolve(result(performance.now() - startMs));
      });
      response.once('error', reject);
    };
    const headers = body === undefined ? {} : { 'Content-Type': 'application/json' };
    const method = body === undefined ? 'GET' : 'POST';
    const call = request(url, { method, agent: false, headers }, read);
    call.once('error', reject);
    failOnSilence(call, url);
    call.end(body);
  });
}
