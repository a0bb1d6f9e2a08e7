/**
 * Creates the sockets to the provider, directly or through a proxy's tunnel, and to both addresses of `localhost`. An
 * aborted request also closes a socket that is still connecting.
 */
import type { AsyncLocalStorage } from 'node:async_hooks';
import { lookup as lookUpName } from 'node:dns';
import { type LookupFunction, Socket } from 'node:net';
import { buildConnector } from 'undici';
import type { CallEnding } from './callEnding.ts';
import { chooseProxy, type HttpProxy, type ProxySettings } from './chooseProxy.ts';
import { openTunnel } from './openTunnel.ts';
import { skipContinue } from './skipContinue.ts';

type Connect = (...args: Parameters<buildConnector.connector>) => unknown;

/** undici ends a request only once its socket is connected; this closes the socket before that too. */
export function createConnector(
  endingOfCall: AsyncLocalStorage<CallEnding>,
  proxies: ProxySettings,
): buildConnector.connector {
  const connect: Connect = buildConnector({ allowH2: false, timeout: 0, lookup: lookUp });
  return (options, callback) => {
    let end: () => void = () => undefined;
    // An ending that has already ended belongs to an earlier request, whose socket this one replaces.
    const removeListener = endingOfCall.getStore()?.onEnd(() => end());
    const settled: typeof callback = (...result) => {
      removeListener?.();
      const [, socket] = result;
      if (socket) skipContinue(socket);
      callback(...result);
    };
    const connectTo = (httpSocket?: Socket) => {
      const socket = connect({ ...options, ...(httpSocket && { httpSocket }) }, settled);
      end = () => {
        if (socket instanceof Socket)
          socket.destroy(new Error('The request ended before its connection stood.'));
      };
    };
    const proxy = tunnelFor(options, proxies);
    if (proxy === null) connectTo();
    else {
      const target = `${options.hostname}:${options.port || 443}`;
      end = openTunnel(proxy, target, { onOpen: connectTo, onError: (error) => settled(error, null) });
    }
  };
}

/** Only requests over TLS use a tunnel, and never the connection to a proxy itself. */
function tunnelFor(
  { protocol, hostname, port }: buildConnector.Options,
  proxies: ProxySettings,
): HttpProxy | null {
  if (protocol !== 'https:') return null;
  const url = new URL(`https://${hostname.includes(':') ? `[${hostname}]` : hostname}:${port || 443}`);
  const isProxy = [proxies.http, proxies.https].some((proxy) => proxy?.origin === url.origin);
  return isProxy ? null : chooseProxy(url, proxies);
}

/** Programs listen on either of the two addresses of `localhost`, and some systems resolve it to the other one only. */
const lookUp: LookupFunction = (hostname, options, callback) => {
  if (hostname !== 'localhost' || options.all !== true) {
    lookUpName(hostname, options, callback);
    return;
  }
  callback(null, [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ]);
};
