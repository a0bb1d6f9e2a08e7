/** Finds the server that a command uses: the named one, else that of this folder's settings. */
import process from 'node:process';
import { readConfig } from '../../backend/src/config.ts';

export interface Server {
  /** With the base path, without a slash at the end. */
  readonly baseUrl: string;
  readonly accessToken: string | null;
}

/** Errors: throws one sentence that says what is wrong. */
export function readServer(named: string | undefined): Server {
  const address = named ?? process.env.RILL_URL;
  if (address === undefined || address === '') {
    const { host, port, basePath, accessToken } = readConfig();
    return { baseUrl: `http://${urlHostOf(host)}:${port}${basePath}`, accessToken };
  }
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new Error(`${address} is not an http address.`);
  return { baseUrl: address.replace(/\/+$/, ''), accessToken: process.env.RILL_ACCESS_TOKEN?.trim() || null };
}

/** A server that listens on all addresses is reached on this machine. */
export function urlHostOf(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
