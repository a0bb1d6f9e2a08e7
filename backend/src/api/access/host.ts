/**
 * Normalizes a host as browsers, proxies and settings spell it: lower case, no trailing dot, no brackets. Anything that
 * is not a host becomes null and is never accepted as one.
 */
import { isIPv6 } from 'node:net';

export interface Host {
  /** A name, an IPv4 address, or an IPv6 address in its shortest form. */
  readonly name: string;
  /** Null if none was written: the default port of the scheme. */
  readonly port: number | null;
}

const pattern = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.?)(?::(\d{1,5}))?$/;
const defaultPorts: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/** Reads the value of a Host header. */
export function readHost(text: string): Host | null {
  const match = pattern.exec(text.trim().toLowerCase());
  if (!match) return null;
  const [, address, hostName, portText] = match;
  const name = address === undefined ? hostName : shortestIPv6(address);
  const port = portText === undefined ? null : Number(portText);
  return name === undefined || (port !== null && port > 65_535) ? null : { name, port };
}

export interface Origin extends Host {
  readonly port: number;
  /** The default port of its scheme, which a Host header omits. */
  readonly defaultPort: number;
}

/** Reads the value of an Origin header. Returns null for `null`, for a file, and for schemes that pages cannot have. */
export function readOrigin(text: string): Origin | null {
  const url = URL.parse(text);
  const defaultPort = url ? defaultPorts[url.protocol] : undefined;
  const host = url && defaultPort !== undefined ? readHost(url.host) : null;
  return host && defaultPort !== undefined
    ? { name: host.name, port: host.port ?? defaultPort, defaultPort }
    : null;
}

/** True if both name the same host and port; a host without a port has the default port of the origin's scheme. */
export function isSameHost(host: Host, origin: Origin): boolean {
  return host.name === origin.name && (host.port ?? origin.defaultPort) === origin.port;
}

function shortestIPv6(address: string): string | undefined {
  if (!isIPv6(address)) return undefined;
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
