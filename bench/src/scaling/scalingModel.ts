/**
 * Computes from measured figures how many answers a number of nodes and one Postgres can carry, and what is full first.
 */

/** Figures of one machine; they apply to another one if its cores are as fast. */
export interface Figures {
  /** Number of simultaneous answers in the measurement of a chunk. */
  readonly answers: number;
  /** Node's CPU time for a chunk of an answer, in microseconds. */
  readonly nodeUsPerChunk: number;
  /** CPU time of Postgres for a chunk, in microseconds. */
  readonly postgresUsPerChunk: number;
  /** CPU time of a send with the end of its answer, in microseconds. */
  readonly nodeUsPerSend: number;
  readonly postgresUsPerSend: number;
  /** Write-ahead log that Postgres writes for a chunk, with all that belongs to it. */
  readonly walBytesPerChunk: number;
}

/** Properties of an installation; none of them is measured. */
export interface Assumptions {
  readonly chunksPerSecond: number;
  /** Time from a send to the end of its answer. */
  readonly answerSeconds: number;
  /** Share of a core or a disk that may be in use, so that there is room for peaks. */
  readonly usableShare: number;
  readonly postgresCores: number;
  /** Rate that its disk, its standby and its archive can take. */
  readonly walBytesPerSecond: number;
  readonly postgresConnections: number;
  readonly connectionsPerNode: number;
}

export const assumptions: Assumptions = {
  chunksPerSecond: 20,
  answerSeconds: 30,
  usableShare: 0.7,
  postgresCores: 8,
  walBytesPerSecond: 200e6,
  postgresConnections: 400,
  connectionsPerNode: 16,
};

/** Resources of Postgres that can be used up. */
export const resources = ['CPU', 'write-ahead log', 'connections'] as const;
export type Resource = (typeof resources)[number];

export interface Scale {
  readonly nodes: number;
  /** Simultaneous answers when every node is full. */
  readonly answers: number;
  /** Cores that one Postgres would need for all of them. */
  readonly postgresCores: number;
  readonly walBytesPerSecond: number;
  readonly connections: number;
  /** Share of each resource that one Postgres would use; above 1 it cannot carry them. */
  readonly shares: Readonly<Record<Resource, number>>;
  /** The resource that is full first. */
  readonly first: 'the nodes' | `Postgres: ${Resource}`;
  /** Number of Postgres servers needed, each with the nodes of its owners. */
  readonly cells: number;
}

/** Simultaneous answers that one node can carry. */
export const answersPerNode = (
  figures: Figures,
  { chunksPerSecond, answerSeconds, usableShare }: Assumptions,
): number =>
  Math.floor(
    (usableShare * 1e6) / (chunksPerSecond * figures.nodeUsPerChunk + figures.nodeUsPerSend / answerSeconds),
  );

export function scaleOf(nodes: number, figures: Figures, assumed: Assumptions): Scale {
  const { chunksPerSecond, answerSeconds, usableShare } = assumed;
  const answers = nodes * answersPerNode(figures, assumed);
  const postgresUs = chunksPerSecond * figures.postgresUsPerChunk + figures.postgresUsPerSend / answerSeconds;
  const postgresCores = (answers * postgresUs) / 1e6;
  const walBytesPerSecond = answers * chunksPerSecond * figures.walBytesPerChunk;
  const connections = nodes * assumed.connectionsPerNode;
  const shares = {
    CPU: postgresCores / (usableShare * assumed.postgresCores),
    'write-ahead log': walBytesPerSecond / (usableShare * assumed.walBytesPerSecond),
    connections: connections / assumed.postgresConnections,
  };
  const fullest = resources.reduce((most, each) => (shares[each] > shares[most] ? each : most));
  return {
    ...{ nodes, answers, postgresCores, walBytesPerSecond, connections, shares },
    first: shares[fullest] > 1 ? `Postgres: ${fullest}` : 'the nodes',
    cells: cellsFor(nodes, shares[fullest]),
  };
}

/** Computes the number of cells; a cell has whole nodes. */
function cellsFor(nodes: number, share: number): number {
  const nodesPerCell = Math.floor(nodes / share);
  return nodesPerCell >= nodes ? 1 : Math.ceil(nodes / Math.max(1, nodesPerCell));
}
