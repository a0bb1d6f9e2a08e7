/**
 * Requests to the provider's sockets. One HTTP/1.1 socket per answer, so that aborting one answer closes exactly
 * its socket; undici's own limits on waiting are off, because every wait is measured by the handed-in clock.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { Socket } from 'node:net';
import { Agent, buildConnector, type Dispatcher, request as sendRequest } from 'undici';

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

export interface ProviderConnection {
  /** Resolves with the response head. Errors: undici's, or the signal's reason; they must not leave the stage. */
  send(call: ProviderCall): Promise<Dispatcher.ResponseData>;
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
    async send({ url, onConnected, ...options }) {
      const dispatcher = agent.compose(
        (dispatch) => (dispatchOptions, handler) =>
          dispatch(dispatchOptions, tellWhenConnected(handler, onConnected)),
      );
      return await callSignal.run(options.signal, () => sendRequest(url, { ...options, dispatcher }));
    },
    close: () => agent.destroy(),
  };
}

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

/** undici starts a request when it has a socket that stands, be it a kept one. */
function tellWhenConnected(
  handler: Dispatcher.DispatchHandler,
  onConnected: () => void,
): Dispatcher.DispatchHandler {
  return {
    onRequestStart(...started) {
      onConnected();
      handler.onRequestStart?.(...started);
    },
    onResponseStart: (...head) => handler.onResponseStart?.(...head),
    onResponseData: (...data) => handler.onResponseData?.(...data),
    onResponseEnd: (...end) => handler.onResponseEnd?.(...end),
    onResponseError: (...failed) => handler.onResponseError?.(...failed),
  };
}
