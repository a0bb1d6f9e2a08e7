/** Computes how many answers a number of nodes and one Postgres carry, and what is full first, from measured figures. */

/** What was measured on one machine, and holds for another one as far as its cores are as fast. */
export interface Figures {
  /** How many answers were written at once when a chunk was measured. */
  readonly answers: number;
  /** Node's CPU time for a chunk of an answer, in microseconds. */
  readonly nodeUsPerChunk: number;
  /** That of Postgres. */
  readonly postgresUsPerChunk: number;
  /** CPU time of a send with the end of its answer, in microseconds. */
  readonly nodeUsPerSend: number;
  readonly postgresUsPerSend: number;
  /** Write-ahead log that Postgres writes for a chunk, with all that is around it. */
  readonly walBytesPerChunk: number;
}

/** What an installation has; none of it is measured. */
export interface Assumptions {
  readonly chunksPerSecond: number;
  /** From a send to the end of its answer. */
  readonly answerSeconds: number;
  /** Share of a core or a disk that may be in use, so that peaks have room. */
  readonly usableShare: number;
  readonly postgresCores: number;
  /** What its disk, its standby or its archive takes. */
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

/** What Postgres can be full of. */
export const resources = ['CPU', 'write-ahead log', 'connections'] as const;
export type Resource = (typeof resources)[number];

export interface Scale {
  readonly nodes: number;
  /** At once, when every node is full. */
  readonly answers: number;
  /** What one Postgres would need for all of them. */
  readonly postgresCores: number;
  readonly walBytesPerSecond: number;
  readonly connections: number;
  /** The share of each that one Postgres would have in use; above 1 it does not carry them. */
  readonly shares: Readonly<Record<Resource, number>>;
  /** What is full first. */
  readonly first: 'the nodes' | `Postgres: ${Resource}`;
  /** How many Postgres servers carry them, each with the nodes of its owners. */
  readonly cells: number;
}

/** Answers that one node carries at once. */
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

/** A cell has whole nodes. */
function cellsFor(nodes: number, share: number): number {
  const nodesPerCell = Math.floor(nodes / share);
  return nodesPerCell >= nodes ? 1 : Math.ceil(nodes / Math.max(1, nodesPerCell));
}
