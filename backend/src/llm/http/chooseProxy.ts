/**
 * Chooses the proxy for an address of the provider by the usual environment variables: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY
 * and NO_PROXY.
 */
import { BlockList, isIP } from 'node:net';
import { decodePercent } from './providerAddress.ts';

/** A proxy between Rill and the provider. */
export interface HttpProxy {
  /** Scheme, host and port. */
  readonly origin: string;
  /** `user:password`; null when the proxy needs none. */
  readonly basicAuth: string | null;
  /** Why the proxy cannot be used, in one sentence without its address; null when it can. */
  readonly problem: string | null;
}

export interface ProxySettings {
  /** For addresses of that scheme; null for a direct connection. */
  readonly https: HttpProxy | null;
  readonly http: HttpProxy | null;
  /** Hosts with a direct connection, as in NO_PROXY. */
  readonly noProxy: readonly string[];
}

export const noProxies: ProxySettings = { https: null, http: null, noProxy: [] };

/** `read` returns the value of a variable, or ''. */
export function readProxies(read: (name: string) => string): ProxySettings {
  const proxyOf = (name: string): HttpProxy | null => {
    const text = read(name) === '' ? read('ALL_PROXY') : read(name);
    return text === '' ? null : parseProxy(text, read(name) === '' ? 'ALL_PROXY' : name);
  };
  const noProxy = read('NO_PROXY')
    .toLowerCase()
    .split(/[,\s]+/);
  return {
    https: proxyOf('HTTPS_PROXY'),
    http: proxyOf('HTTP_PROXY'),
    noProxy: noProxy.filter((entry) => entry !== ''),
  };
}

function parseProxy(text: string, name: string): HttpProxy {
  const address = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const unusable = (problem: string): HttpProxy => ({ origin: '', basicAuth: null, problem });
  if (/^socks/i.test(address))
    return unusable(`${name} must be an HTTP proxy: Rill cannot speak SOCKS. NO_PROXY leaves a host out.`);
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol))
    return unusable(`${name} must be the http or https address of a proxy.`);
  const { origin, username, password } = new URL(address);
  const hasUser = username !== '' || password !== '';
  const basicAuth = hasUser ? `${decodePercent(username)}:${decodePercent(password)}` : null;
  return { origin, basicAuth, problem: null };
}

/**
 * The proxy for `url`; null for a direct connection. An address of this machine is reached only through a proxy on this
 * machine: a proxy elsewhere would look for it on its own machine.
 */
export function chooseProxy(url: URL, settings: ProxySettings): HttpProxy | null {
  const proxy = url.protocol === 'https:' ? settings.https : settings.http;
  if (proxy === null) return null;
  const host = bareHost(url);
  if (isThisMachine(host) && (proxy.problem !== null || !isThisMachine(bareHost(new URL(proxy.origin)))))
    return null;
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return settings.noProxy.some((entry) => isLeftOut(host, port, entry)) ? null : proxy;
}

const bareHost = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');

const isThisMachine = (host: string): boolean =>
  host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127\.[\d.]+$/.test(host);

/** Matches `*`, `example.com` (with its subdomains), `.example.com`, `*.example.com`, `10.0.0.0/8`, each with or without a port. */
function isLeftOut(host: string, port: string, entry: string): boolean {
  const network = /^\[?([\da-f.:]+)\]?\/(\d+)$/.exec(entry);
  if (network !== null) return isInNetwork(host, network[1] ?? '', Number(network[2]));
  const withPort = /^(\[.+\]|[^:]+):(\d+)$/.exec(entry);
  if (withPort !== null && withPort[2] !== port) return false;
  const name = (withPort?.[1] ?? entry).replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (name === '*') return true;
  const suffix = name.replace(/^\*?\./, '');
  return (host === suffix && !name.startsWith('*')) || host.endsWith(`.${suffix}`);
}

function isInNetwork(host: string, address: string, prefix: number): boolean {
  const [family, hostFamily] = [isIP(address), isIP(host)];
  if (family === 0 || family !== hostFamily || prefix > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(address, prefix, type);
  return list.check(host, type);
}
