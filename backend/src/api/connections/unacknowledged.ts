/**
 * Reads from Linux how many bytes of each TCP connection its peer has not acknowledged. Other systems have no such
 * table.
 */
import { promises } from 'node:fs';
import type { Socket } from 'node:net';
import { endianness } from 'node:os';

/** Sent but unacknowledged bytes, by `connectionKey`; null where the system does not report them. */
export type ReadUnacknowledged = () => Promise<ReadonlyMap<string, number> | null>;

export const readUnacknowledged: ReadUnacknowledged = async () => {
  if (process.platform !== 'linux') return null;
  try {
    const tables = await Promise.all(['/proc/self/net/tcp', '/proc/self/net/tcp6'].map(readTable));
    return parseTables(tables.join('\n'));
  } catch {
    // A sandbox may hide its network; then nothing is known, as on other systems.
    return null;
  }
};

/** A system without IPv6 does not have the second table. */
async function readTable(path: string): Promise<string> {
  try {
    return await promises.readFile(path, 'latin1');
  } catch (error) {
    if (path.endsWith('6')) return '';
    throw error;
  }
}

/** Number, local address and port, remote address and port, state, unacknowledged bytes. */
const linePattern = /^ *\d+: [0-9A-F]+:([0-9A-F]{4}) ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F]{2} ([0-9A-F]{8}):/gm;

export function parseTables(text: string): Map<string, number> {
  const unacknowledged = new Map<string, number>();
  for (const [, localPort = '', address = '', remotePort = '', waiting = ''] of text.matchAll(linePattern)) {
    const bytes = Number.parseInt(waiting, 16);
    // Nearly all wait for nothing.
    if (bytes === 0) continue;
    const key = keyOf(
      Number.parseInt(localPort, 16),
      decodeAddress(address),
      Number.parseInt(remotePort, 16),
    );
    unacknowledged.set(key, bytes);
  }
  return unacknowledged;
}

export function connectionKey(socket: Socket): string {
  const { localPort = 0, remoteAddress = '', remotePort = 0 } = socket;
  const plain = remoteAddress
    .toLowerCase()
    .replace(/%.*$/, '')
    .replace(/^::ffff:(?=.*\.)/, '');
  return keyOf(localPort, plain.includes(':') ? shortest(plain) : plain, remotePort);
}

const keyOf = (localPort: number, remoteAddress: string, remotePort: number): string =>
  `${localPort} ${remoteAddress} ${remotePort}`;

/** The table writes addresses as 4-byte words in the machine's byte order. */
function decodeAddress(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => {
    const inOrder = [...Buffer.from(word, 'hex')];
    return endianness() === 'LE' ? inOrder.reverse() : inOrder;
  });
  if (bytes.length === 4) return bytes.join('.');
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (isMapped) return bytes.slice(12).join('.');
  return shortest(
    Buffer.from(bytes)
      .toString('hex')
      .replace(/.{4}(?!$)/g, '$&:'),
  );
}

/** One spelling of an IPv6 address. */
const shortest = (address: string): string => new URL(`http://[${address}]`).hostname.slice(1, -1);
