/** Defines the server's own node: one process among those that share a database. */

import type { AddressInfo } from 'node:net';

/** Callbacks for changes of other nodes. None of them may throw. */
export interface NodeWatch {
  /** Another node took this one for dead: from here on it writes and shows nothing more. Called once. */
  onFenced(reason: string): void;
  /** A newer node has changed the schema into one that this release cannot use: it ends. Called once. */
  onOutdated(reason: string): void;
  /** Ends or restarts the runs of nodes that are fenced. Called again while some are open. */
  recover(): Promise<void>;
  /** Ends own runs that are open and are not executed. Called every few seconds, and never during `recover`. */
  endLeft(): Promise<void>;
  /** Does what one node does for all. Called about every half minute, on the maintainer only. */
  maintain(): Promise<void>;
}

export interface OwnNode {
  /** Whether this node does what is to be done once for all nodes. At most for moments there are two, or none. */
  readonly isMaintainer: boolean;
  /** Tells the others where this node listens, as soon as the database takes it. */
  listensAt(address: AddressInfo | string | null): void;
  /** Renews the lease and looks at the other nodes from now on. */
  watch(watch: NodeWatch): void;
  /** A write was refused because this node is fenced: it need not wait for its next renewal. */
  reportFenced(): void;
  /** Tells the others that nothing of this node is left, so that they need not wait for its lease to end. Never rejects. */
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
