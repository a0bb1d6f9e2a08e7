/** Reads the settings about the server's network: base path, host names, trusted proxies, where other nodes reach this one, and where the database is. */
import { isIP } from 'node:net';
import { compile } from '@fastify/proxy-addr';
import { readHost } from './api/access/host.ts';
import type { ChosenAddress } from './nodes/nodeAddress.ts';

/**
 * First segments of the server's own paths. With one of them as a base path, a stripped path would look like a full
 * one.
 */
const ownSegments = ['api', 'assets'];

/** The names of networks that `@fastify/proxy-addr` knows. */
const names = ['loopback', 'linklocal', 'uniquelocal'];

/** Reads a prefix of all paths as `/chat` or `/a/b`; '' is the root. Errors: throws one sentence. */
export function readBasePath(name: string, text: string): string {
  const segments = text.split('/').filter((segment) => segment !== '');
  const areClean = segments.every((segment) => /^[A-Za-z0-9._~-]+$/.test(segment) && !/^\.+$/.test(segment));
  if (!areClean) {
    throw new Error(`${name} must be a path such as /chat, of letters, digits and . _ ~ -.`);
  }
  if (ownSegments.includes(segments[0] ?? ''))
    throw new Error(`${name} must not begin with /${segments[0]}.`);
  return segments.map((segment) => `/${segment}`).join('');
}

/**
 * Reads host names, each with an optional port; an address such as `https://chat.example.com/` counts as its host.
 * Errors: throws one sentence.
 */
export function readAllowedHosts(name: string, texts: readonly string[]): string[] {
  return texts.map((text) => {
    const isAddress = text.includes('://');
    const url = isAddress || !/[@/?#\\]/.test(text) ? URL.parse(isAddress ? text : `http://${text}`) : null;
    const host = url && readHost(isAddress ? url.host : hostText(url.hostname, text));
    if (!host) throw new Error(`${name} has "${text}", which is no host name such as chat.example.com.`);
    const plainName = host.name.includes(':') ? `[${host.name}]` : host.name;
    return host.port === null ? plainName : `${plainName}:${host.port}`;
  });
}

/** The name in ASCII, as the URL parser writes it, with its original port. */
function hostText(hostname: string, text: string): string {
  return `${hostname}${/:\d+$/.exec(text)?.[0] ?? ''}`;
}

/** Checks addresses, networks such as `10.0.0.0/8`, and the names loopback, linklocal and uniquelocal. Errors: throws one sentence. */
export function readTrustedProxies(name: string, texts: readonly string[]): readonly string[] {
  for (const text of texts) {
    try {
      // `compile` would accept `1` as 0.0.0.1.
      if (isIP(text.split('/', 1)[0] ?? '') === 0 && !names.includes(text)) throw new Error('no address');
      compile([text]);
    } catch (cause) {
      const sentence = `${name} has "${text}", which is no address, network such as 10.0.0.0/8, or one of ${names.join(', ')}.`;
      throw new Error(sentence, { cause });
    }
  }
  return texts;
}

/** Null for none. Errors: throws the end of one sentence, without the address, which may contain a password. */
export function readDatabaseUrl(text: string): string | null {
  if (text === '') return null;
  const url = URL.parse(text);
  const host = url?.hostname || url?.searchParams.get('host');
  if (url && /^postgres(ql)?:$/.test(url.protocol) && host) return text;
  throw new Error('must be an address such as postgres://user:password@host:5432/rill.');
}

/** The same for Redis. */
export function readRedisUrl(text: string): string | null {
  if (text === '') return null;
  const url = URL.parse(text);
  if (url && /^rediss?:$/.test(url.protocol) && url.hostname !== '') return text;
  throw new Error('must be an address such as redis://host:6379.');
}

/** A host with or without a port; null for none. Errors: throws the end of one sentence. */
export function readNodeAddress(text: string): ChosenAddress | null {
  if (text === '') return null;
  const host = readHost(text);
  if (host && host.port !== 0) return { host: host.name, port: host.port };
  throw new Error(
    'must be a host with or without a port, such as 10.0.0.5, [fd00::5] or node1.internal:3000.',
  );
}

/** Errors: throws the end of one sentence. */
export function readSwitch(text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw new Error('must be on or off.');
}
