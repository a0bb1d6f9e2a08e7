/**
 * Requests to the provider's sockets. One HTTP/1.1 socket per answer, so that aborting one answer closes exactly
 * its socket; undici's own limits on waiting are off, because every wait is measured by the handed-in clock.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingHttpHeaders } from 'node:http';
import { Socket } from 'node:net';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { ResponseBody } from './responseBody.ts';

export interface ProviderCall {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Aborting it destroys the socket at any time, while it connects too. */
  readonly signal: AbortSignal;
  /** The connection stands (TCP and TLS), or one that stood was taken; the request is being written. */
  readonly onConnected: () => void;
}

export interface ProviderResponse {
  readonly statusCode: number;
  readonly headers: IncomingHttpHeaders;
  /** Fails with the signal's reason, and drops what waits, once that is aborted; with undici's errors else. */
  readonly body: ResponseBody;
}

export interface ProviderConnection {
  /** Resolves with the response head. Errors: undici's, or the signal's reason; they must not leave the stage. */
  send(call: ProviderCall): Promise<ProviderResponse>;
  /** Destroys every socket. */
  close(): Promise<void>;
}

export function createProviderConnection(): ProviderConnection {
  const callSignal = new AsyncLocalStorage<AbortSignal>();
  const agent = new Agent({
    connect: createAbortableConnector(callSignal),
    allowH2: false,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return {
    send: (call) =>
      new Promise((resolve, reject) => {
        const { origin, pathname, search } = new URL(call.url);
        const { method, headers, body = null, signal } = call;
        const options = { origin, path: pathname + search, method, headers: { ...headers }, body };
        callSignal.run(signal, () =>
          agent.dispatch(options, new ResponseReceiver(call, { resolve, reject })),
        );
      }),
    close: () => agent.destroy(),
  };
}

interface HeadListener {
  resolve(response: ProviderResponse): void;
  reject(error: unknown): void;
}

/** Takes what undici says of one request. */
class ResponseReceiver implements Dispatcher.DispatchHandler {
  readonly #call: ProviderCall;
  readonly #head: HeadListener;
  #controller: Dispatcher.DispatchController | null = null;
  #body: ResponseBody | null = null;
  readonly #abort = () => this.#controller?.abort(abortError(this.#call.signal));

  constructor(call: ProviderCall, head: HeadListener) {
    this.#call = call;
    this.#head = head;
    call.signal.addEventListener('abort', this.#abort, { once: true });
  }

  /** undici starts a request when it has a socket that stands, be it a kept one. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#call.signal.aborted) this.#abort();
    else this.#call.onConnected();
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: IncomingHttpHeaders,
  ): void {
    // What comes before the response proper, such as 103 Early Hints, says nothing.
    if (statusCode < 200) return;
    const body = new ResponseBody(controller);
    this.#body = body;
    this.#head.resolve({ statusCode, headers, body });
  }

  onResponseData(_: Dispatcher.DispatchController, bytes: Buffer): void {
    this.#body?.push(bytes);
  }

  onResponseEnd(): void {
    this.#call.signal.removeEventListener('abort', this.#abort);
    this.#body?.end();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    const { signal } = this.#call;
    signal.removeEventListener('abort', this.#abort);
    if (this.#body) this.#body.fail(error, { drop: signal.aborted });
    else this.#head.reject(error);
  }
}

const abortError = ({ reason }: AbortSignal): Error =>
  reason instanceof Error ? reason : new Error('The request was ended.', { cause: reason });

/** undici looks at a request's signal only once its socket stands; this closes the socket before that too. */
function createAbortableConnector(callSignal: AsyncLocalStorage<AbortSignal>): buildConnector.connector {
  const connect: (...args: Parameters<buildConnector.connector>) => unknown = buildConnector({
    allowH2: false,
    timeout: 0,
  });
  return (options, callback) => {
    const signal = callSignal.getStore();
    const socket = connect(options, (...result) => {
      signal?.removeEventListener('abort', destroySocket);
      callback(...result);
    });
    function destroySocket(): void {
      if (socket instanceof Socket)
        socket.destroy(new Error('The request ended before its connection stood.'));
    }
    // A signal that is aborted already belongs to an earlier request on a socket that is replaced now.
    if (signal?.aborted === false) signal.addEventListener('abort', destroySocket, { once: true });
  };
}
