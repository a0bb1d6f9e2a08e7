/** Finds the node that keeps a temporary chat of another node, by the id of what is asked for. */
import type { Database } from '../../database/database.ts';
import { hasRow, listNodeStarts, type NodeStart } from '../../store/chats/nodeStarts.ts';
import { markOf, readMark } from './temporaryIds.ts';

/** What a request names in its address. */
export interface NamedRow {
  readonly table: 'chats' | 'runs' | 'files';
  readonly id: string;
}

export interface Keepers {
  readonly bootId: string;
  /** The node that keeps it; null when it is here, is stored, or its node has ended. */
  find(named: NamedRow): Promise<NodeStart | null>;
}

/** Null where no other process can have the database open as a node. */
export function createKeepers(
  { hasNodes, reader }: Pick<Database, 'hasNodes' | 'reader'>,
  bootId: string,
): Keepers | null {
  if (!hasNodes) return null;
  return {
    bootId,
    async find({ table, id }) {
      const mark = readMark(id);
      if (mark === null || mark === markOf(bootId)) return null;
      const keeper = (await listNodeStarts(reader)).find((node) => markOf(node.bootId) === mark);
      // A chat that was kept is served by any node, though its id is the same.
      if (!keeper || (await hasRow(reader, table, id))) return null;
      return keeper;
    },
  };
}
