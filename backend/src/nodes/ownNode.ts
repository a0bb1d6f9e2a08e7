/** Defines the server's own node: one process among those that share a database. */

import type { AddressInfo } from 'node:net';

/** Callbacks for changes of other nodes. None of them may throw. */
export interface NodeWatch {
  /** Another node declared this one dead: from now on it must write and show nothing. Called once. */
  onFenced(reason: string): void;
  /** A newer node has changed the schema so that this release cannot use it: it must end. Called once. */
  onOutdated(reason: string): void;
  /** Ends or restarts the runs of fenced nodes. Called again while some are open. */
  recover(): Promise<void>;
  /** Ends this node's runs that are open but not executed. Called every few seconds, and never during `recover`. */
  endLeft(): Promise<void>;
  /** Does the work of one node for all. Called about every half minute, on the maintainer only. */
  maintain(): Promise<void>;
}

export interface OwnNode {
  /** True if this node does the work of one node for all. For moments there may be two maintainers, or none. */
  readonly isMaintainer: boolean;
  /** Publishes this node's address to the others, as soon as the database can store it. */
  listensAt(address: AddressInfo | string | null): void;
  /** Starts to renew the lease and to check the other nodes. */
  watch(watch: NodeWatch): void;
  /** A write was refused because this node is fenced, so that it need not wait for the next renewal to find out. */
  reportFenced(): void;
  /**
   * Tells the others that this node has finished, so that they need not wait for its lease to expire. Never rejects.
   */
  retire(): Promise<void>;
}

/** The only process of its database. */
export const onlyNode: OwnNode = {
  isMaintainer: true,
  listensAt: () => undefined,
  watch: () => undefined,
  reportFenced: () => undefined,
  retire: async () => undefined,
};
