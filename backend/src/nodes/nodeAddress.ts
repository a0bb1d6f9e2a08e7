/** Decides at which address the other nodes are told to reach this one, and warns of one that they cannot reach. */
import type { AddressInfo } from 'node:net';

/** What the operator set; without a port it is the one that the node listens on. */
export interface ChosenAddress {
  readonly host: string;
  readonly port: number | null;
}

/** A null host stands for the address from which the database sees the node. */
export interface NodeAddress {
  readonly host: string | null;
  readonly port: number;
}

/** Null for a node that listens on no port. */
export function chooseAddress(
  listening: AddressInfo | string | null,
  chosen: ChosenAddress | null,
): NodeAddress | null {
  if (listening === null || typeof listening === 'string') return null;
  const isEvery = listening.address === '::' || listening.address === '0.0.0.0';
  return {
    host: chosen?.host ?? (isEvery ? null : listening.address),
    port: chosen?.port ?? listening.port,
  };
}

/** The addresses of the nodes, as the database has them. */
export interface StoredAddresses {
  /** That of this node. */
  readonly host: string | null;
  /** From where the database sees this node; null through a socket file. */
  readonly seenAt: string | null;
  /** Those of the other nodes that live. */
  readonly others: readonly string[];
}

/** One sentence where other nodes are likely to be on machines that cannot reach this node, or the other way round; else null. */
export function addressWarning({ host, seenAt, others }: StoredAddresses): string | null {
  if (others.length === 0) return null;
  if (host === null)
    return `Other nodes cannot reach this one, whose address is not known: ${consequence}. Set RILL_NODE_ADDRESS.`;
  const areElsewhere = !others.every(isLoopback) || (seenAt !== null && !isLoopback(seenAt));
  if (isLoopback(host) && areElsewhere)
    return `Nodes on other machines cannot reach this one at ${host}: ${consequence}. Set RILL_HOST or RILL_NODE_ADDRESS.`;
  const lonely = others.find(isLoopback);
  if (isLoopback(host) || lonely === undefined) return null;
  return `Another node says that it is reached at ${lonely}, which leads nowhere from other machines: ${consequence}. Set RILL_HOST or RILL_NODE_ADDRESS there.`;
}

const consequence = 'requests for its temporary chats are refused there with 503 kept_elsewhere';

export const isLoopback = (host: string): boolean => /^(127\.|::1$|localhost$)/.test(host);
