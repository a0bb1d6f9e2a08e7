/**
 * Sends requests to the provider, through a proxy and along redirects where there are any. Each answer has an HTTP/1.1
 * socket of its own, so that an abort closes exactly this socket. undici's own timeouts are off, because every wait is
 * measured by the clock that is passed in.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { chooseProxy, type ProxySettings } from './chooseProxy.ts';
import { WrongAddress } from './connectionProblem.ts';
import { proxyHeaders, proxyRefusal } from './openTunnel.ts';
import { resolveRedirect } from './redirects.ts';
import { ResponseBody } from './responseBody.ts';

export interface ProviderCall {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Aborting it destroys the socket at any time, also while it connects. */
  readonly signal: AbortSignal;
  /** Called once a new connection is established (TCP and TLS) or an open one is reused, and the request is written. */
  readonly onConnected: () => void;
  /** The same, for the caller. */
  readonly onSent?: (() => void) | undefined;
}

export interface ProviderResponse {
  readonly statusCode: number;
  readonly headers: IncomingHttpHeaders;
  /** Once the signal is aborted, fails with its reason and drops what is buffered. Else fails with undici's errors. */
  readonly body: ResponseBody;
}

export interface ProviderConnection {
  /** Resolves with the response head. Errors: undici's, or the signal's reason. They must not leave the stage. */
  send(call: ProviderCall): Promise<ProviderResponse>;
  /** Destroys every socket. */
  close(): Promise<void>;
}

/** More redirects than this are a loop. */
const maxRedirects = 5;

export function createProviderConnection(proxies: ProxySettings): ProviderConnection {
  const callSignal = new AsyncLocalStorage<AbortSignal>();
  let agent: Promise<Dispatcher> | undefined;
  const openAgent = async (): Promise<Dispatcher> => {
    try {
      const { createAgent } = await import('./createAgent.ts');
      return createAgent(callSignal, proxies);
    } catch (error) {
      // Too many files may be open; the next call loads it again.
      agent = undefined;
      throw error;
    }
  };
  const sendOnce = async (call: ProviderCall): Promise<ProviderResponse | Redirect> => {
    agent ??= openAgent();
    const opened = await agent;
    return new Promise((resolve, reject) => {
      const options = toDispatchOptions(call, proxies);
      callSignal.run(call.signal, () =>
        opened.dispatch(options, new ResponseReceiver(call, { resolve, reject })),
      );
    });
  };
  return {
    async send(call) {
      let { url } = call;
      for (let count = 0; count <= maxRedirects; count += 1) {
        const response = await sendOnce({ ...call, url });
        if (!('location' in response)) return response;
        call.signal.throwIfAborted();
        url = resolveRedirect(url, response);
      }
      throw new WrongAddress(
        `The address of the model provider redirects more than ${maxRedirects} times: look at OPENROUTER_BASE_URL.`,
      );
    },
    close: async () => (await agent?.catch(() => undefined))?.destroy(),
  };
}

/** A proxy gets the whole URL of a plain http request; for https the connector opens a tunnel. */
function toDispatchOptions(call: ProviderCall, proxies: ProxySettings): Dispatcher.DispatchOptions {
  const { method, body = null } = call;
  const url = new URL(call.url);
  const proxy = url.protocol === 'http:' ? chooseProxy(url, proxies) : null;
  if (proxy === null) {
    return {
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: { ...call.headers },
      body,
    };
  }
  const headers = { ...call.headers, ...proxyHeaders(proxy), host: url.host };
  return { origin: proxy.origin, path: url.href, method, headers, body };
}

/** A response that names another address. */
export interface Redirect {
  readonly statusCode: number;
  readonly location: string;
}

const redirectStatuses = new Set([301, 302, 303, 307, 308]);

interface HeadListener {
  resolve(response: ProviderResponse | Redirect): void;
  reject(error: unknown): void;
}

/** Receives undici's callbacks for one request. */
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

  /** undici starts a request when it has a connected socket, new or reused. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#call.signal.aborted) this.#abort();
    else {
      this.#call.onConnected();
      this.#call.onSent?.();
    }
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: IncomingHttpHeaders,
  ): void {
    // Informational responses such as 103 Early Hints are ignored.
    if (statusCode < 200) return;
    const { location } = headers;
    if (redirectStatuses.has(statusCode) && typeof location === 'string') {
      this.#head.resolve({ statusCode, location });
      this.#end(controller, new Error('The request goes to another address.'));
      return;
    }
    if (statusCode === 407) {
      const refused = new WrongAddress(proxyRefusal(statusCode));
      this.#head.reject(refused);
      this.#end(controller, refused);
      return;
    }
    const body = new ResponseBody(controller);
    this.#body = body;
    this.#head.resolve({ statusCode, headers, body });
  }

  /** Aborts a response whose body is not needed. */
  #end(controller: Dispatcher.DispatchController, reason: Error): void {
    this.#call.signal.removeEventListener('abort', this.#abort);
    controller.abort(reason);
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

/** Reads one header by its lower-case name; null when it is absent. */
export type HeaderReader = (name: string) => string | null;

/** The first value of a repeated header counts. */
export function headerReader(headers: Readonly<Record<string, string | string[] | undefined>>): HeaderReader {
  return (name) => {
    const value = headers[name];
    return (Array.isArray(value) ? value[0] : value) ?? null;
  };
}
