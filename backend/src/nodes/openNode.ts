/** Opens this process as a node of its database: the only one, unless the database is shared. */
import type { ControlConnection } from './controlLine.ts';
import type { NodeOptions } from './joinNodes.ts';
import { type OwnNode, onlyNode } from './ownNode.ts';

/** The part of the database that nodes need; only shared databases have it. */
export interface NodeDatabase {
  readonly hasNodes: boolean;
  connect?(purpose: 'control'): Promise<ControlConnection>;
}

/** Errors: the database's own. */
export async function openNode(
  database: NodeDatabase,
  options: Omit<NodeOptions, 'connect'>,
): Promise<OwnNode> {
  if (!database.hasNodes || !database.connect) return onlyNode;
  const { joinNodes } = await import('./joinNodes.ts');
  const { bootId, name, version, nodeAddress, clock, logger } = options;
  const connect = database.connect.bind(database, 'control');
  return joinNodes({ bootId, name, version, nodeAddress, clock, logger, connect });
}
