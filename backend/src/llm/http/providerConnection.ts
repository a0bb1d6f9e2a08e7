/**
 * Sends requests to the provider, through a proxy and along redirects if there are any. Each response has its own
 * HTTP/1.1 socket, so that ending it closes exactly this socket. undici's timeouts are off, because every wait is
 * measured by the clock that is passed in.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { CallEnding } from './callEnding.ts';
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
  /** Destroys the socket at any time, also while it connects. */
  readonly ending: CallEnding;
  /** Called once a new connection is established (TCP and TLS) or an open one is reused, and the request is written. */
  readonly onConnected: () => void;
  /** The same, for the caller. */
  readonly onSent?: (() => void) | undefined;
}

export interface ProviderResponse {
  readonly statusCode: number;
  readonly headers: IncomingHttpHeaders;
  /** Once the call is ended, fails with the reason and drops what is buffered. Otherwise fails with undici's errors. */
  readonly body: ResponseBody;
}

export interface ProviderConnection {
  /** Resolves with the response head. Errors: undici's, or the reason of the end; they must not leave the stage. */
  send(call: ProviderCall): Promise<ProviderResponse>;
  /** Destroys every socket. */
  close(): Promise<void>;
}

/** More redirects than this are a loop. */
const maxRedirects = 5;

export function createProviderConnection(proxies: ProxySettings): ProviderConnection {
  const endingOfCall = new AsyncLocalStorage<CallEnding>();
  const resolveTarget = createTargets(proxies);
  let agent: Dispatcher | undefined;
  let opening: Promise<Dispatcher> | undefined;
  const openAgent = async (): Promise<Dispatcher> => {
    try {
      const { createAgent } = await import('./createAgent.ts');
      agent = createAgent(endingOfCall, proxies);
      return agent;
    } catch (error) {
      // Too many files may be open; the next call tries to load it again.
      opening = undefined;
      throw error;
    }
  };
  const sendOnce = (call: ProviderCall): Promise<ProviderResponse | Redirect> =>
    new Promise((resolve, reject) => {
      const receiver = new ResponseReceiver(call, { resolve, reject });
      const dispatch = (opened: Dispatcher): void => {
        // The call was ended while the agent was loading.
        if (call.ending.isEnded) return;
        const { origin, path, proxyHeaders: added } = resolveTarget(call.url);
        const { method, body = null } = call;
        const headers = added === null ? call.headers : { ...call.headers, ...added };
        endingOfCall.run(call.ending, () =>
          opened.dispatch({ origin, path, method, headers, body }, receiver),
        );
      };
      if (agent) return dispatch(agent);
      opening ??= openAgent();
      opening.then(dispatch).catch(reject);
    });
  return {
    async send(call) {
      let response = await sendOnce(call);
      let { url } = call;
      for (let count = 0; 'location' in response; count += 1) {
        if (count === maxRedirects) throw tooManyRedirects();
        call.ending.throwIfEnded();
        url = resolveRedirect(url, response);
        response = await sendOnce({ ...call, url });
      }
      return response;
    },
    close: async () => (await opening?.catch(() => undefined))?.destroy(),
  };
}

const tooManyRedirects = () =>
  new WrongAddress(
    `The address of the model provider redirects more than ${maxRedirects} times: look at OPENROUTER_BASE_URL.`,
  );

/** Where the request for an address is sent. */
interface Target {
  readonly url: string;
  readonly origin: string;
  readonly path: string;
  /** Null unless a proxy handles the request. */
  readonly proxyHeaders: Readonly<Record<string, string>> | null;
}

/** Resolves addresses; caches the last one, because nearly all requests are for the same. */
function createTargets(proxies: ProxySettings): (url: string) => Target {
  let last: Target | null = null;
  return (url) => {
    if (last?.url !== url) last = toTarget(url, proxies);
    return last;
  };
}

/** A proxy gets the whole URL of a plain http request; for https the connector opens a tunnel. */
function toTarget(address: string, proxies: ProxySettings): Target {
  const url = new URL(address);
  const proxy = url.protocol === 'http:' ? chooseProxy(url, proxies) : null;
  if (proxy === null)
    return { url: address, origin: url.origin, path: url.pathname + url.search, proxyHeaders: null };
  const headers = { ...proxyHeaders(proxy), host: url.host };
  return { url: address, origin: proxy.origin, path: url.href, proxyHeaders: headers };
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
  readonly #removeListener: () => void;

  constructor(call: ProviderCall, head: HeadListener) {
    this.#call = call;
    this.#head = head;
    this.#removeListener = call.ending.onEnd(() => {
      // undici reacts only once the request has a socket.
      head.reject(call.ending.reason);
      this.#abort();
    });
  }

  #abort(): void {
    this.#controller?.abort(errorOf(this.#call.ending));
  }

  /** undici starts a request when it has a connected socket, new or reused. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#call.ending.isEnded) this.#abort();
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
    this.#removeListener();
    controller.abort(reason);
  }

  onResponseData(_: Dispatcher.DispatchController, bytes: Buffer): void {
    this.#body?.push(bytes);
  }

  onResponseEnd(): void {
    this.#removeListener();
    this.#body?.end();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#removeListener();
    if (this.#body) this.#body.fail(error, { drop: this.#call.ending.isEnded });
    else this.#head.reject(error);
  }
}

const errorOf = ({ reason }: CallEnding): Error =>
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
