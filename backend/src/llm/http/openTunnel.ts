/** Opens a tunnel through an HTTP proxy: a socket to the provider itself. */
import { request as requestOverHttp } from 'node:http';
import { request as requestOverTls } from 'node:https';
import type { Socket } from 'node:net';
import type { HttpProxy } from './chooseProxy.ts';
import { WrongAddress } from './connectionProblem.ts';

export interface TunnelListener {
  onOpen(socket: Socket): void;
  onError(error: Error): void;
}

/** Returns a function that cancels the attempt before the tunnel is open. `target` is host and port. */
export function openTunnel(proxy: HttpProxy, target: string, listener: TunnelListener): () => void {
  const { protocol, hostname, port } = new URL(proxy.origin);
  const send = protocol === 'https:' ? requestOverTls : requestOverHttp;
  const request = send({
    method: 'CONNECT',
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port || (protocol === 'https:' ? 443 : 80),
    path: target,
    agent: false,
    headers: { host: target, ...proxyHeaders(proxy) },
  });
  request.once('connect', ({ statusCode = 0 }, socket: Socket, head: Buffer) => {
    if (statusCode >= 200 && statusCode < 300 && head.length === 0) {
      listener.onOpen(socket);
      return;
    }
    socket.destroy();
    listener.onError(new WrongAddress(proxyRefusal(statusCode)));
  });
  request.once('error', (error) => listener.onError(error));
  request.end();
  return () => void request.destroy(new Error('The request ended before its connection stood.'));
}

export function proxyHeaders({ basicAuth }: HttpProxy): Record<string, string> {
  if (basicAuth === null) return {};
  return { 'proxy-authorization': `Basic ${Buffer.from(basicAuth).toString('base64')}` };
}

export function proxyRefusal(statusCode: number): string {
  return statusCode === 407
    ? 'The proxy before the model provider wants a user and a password (407): put them into its address.'
    : `The proxy before the model provider refused to connect to it (${statusCode}).`;
}
