/**
 * Lists the nodes that run on a shared database, and finds out whether each is reached at the address where the others
 * look for it. That another one answers there is noticed too.
 */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { PostgresConfig } from '../../../../backend/src/config.ts';
import { sqlStateOf } from '../../../../backend/src/database/postgres/postgresFailures.ts';
import { isLoopback } from '../../../../backend/src/nodes/nodeAddress.ts';
import { type LivingNode, listLiving } from '../../../../backend/src/nodes/nodeRows.ts';
import { temporaryIds } from '../../../../backend/src/runs/temporary/temporaryIds.ts';
import { version } from '../../../../backend/src/version.ts';
import { urlHostOf } from '../../readServer.ts';
import type { Finding } from './finding.ts';

const subject = 'Nodes';
/** How long a node has to answer, in milliseconds. */
const answerLimitMs = 5000;

const consequence = 'Requests for its temporary chats fail at the other nodes (503 kept_elsewhere).';

/** Call where the database can be used. */
export async function* checkNodes(postgres: PostgresConfig): AsyncGenerator<Finding> {
  const nodes = await readNodes(postgres);
  if (nodes.length === 0) return yield { level: 'ok', subject, found: 'None is running on this database.' };
  for (const node of nodes) yield { subject, ...(await describeNode(node, nodes)) };
}

/** A table or column that is missing is made by the next start: then no node runs that has told its address. */
const undefinedStates: readonly (string | null)[] = ['42P01', '42703'];

async function readNodes(postgres: PostgresConfig): Promise<LivingNode[]> {
  const { askPostgres } = await import('../../../../backend/src/database/postgres/postgresDatabase.ts');
  return askPostgres({ ...postgres, bootId: 'doctor', release: version }, async (client) =>
    listLiving({
      query: async <Row>(sql: string, values: readonly unknown[] = []) =>
        (await client.query(sql, [...values])).rows as Row[],
    }).catch((error: unknown) => {
      if (undefinedStates.includes(sqlStateOf(error))) return [];
      throw error;
    }),
  );
}

async function describeNode(
  node: LivingNode,
  nodes: readonly LivingNode[],
): Promise<Pick<Finding, 'level' | 'found' | 'advice'>> {
  const running = `${nameOf(node)} (Rill ${node.version}) is running`;
  if (nodes.length === 1) return { level: 'ok', found: `${running}, and no other one that has to reach it.` };
  const { host, port } = node;
  if (host === null || port === null) {
    const advice = `${consequence} If it has not just started, set RILL_NODE_ADDRESS there.`;
    return { level: 'warning', found: `${running}, and has not said where it is reached.`, advice };
  }
  const address = `${urlHostOf(host)}:${port}`;
  const problem = await reach(node, { host, port });
  if (problem !== null) {
    const advice = `${consequence} Set RILL_HOST or RILL_NODE_ADDRESS there to an address that leads to it from the machines of all nodes, and open its port between them. Where this is not the machine of a node, check on one.`;
    return { level: 'warning', found: `${running}, but ${problem} at ${address}.`, advice };
  }
  const areElsewhere = nodes.some((other) => other.host !== null && !isLoopback(other.host));
  if (isLoopback(host) && areElsewhere) {
    const advice = `${consequence} Set RILL_HOST or RILL_NODE_ADDRESS there.`;
    const found = `${running}, and is reached at ${address}, but from its own machine only.`;
    return { level: 'warning', found, advice };
  }
  return { level: 'ok', found: `${running}, and is reached at ${address}.` };
}

/** Node ids begin with a time, so those of one start differ at their end. */
const nameOf = ({ name, bootId }: LivingNode): string => name ?? `One without a name (…${bootId.slice(-6)})`;

/**
 * Null when the node itself answers. Asks for a temporary chat that does not exist, for that node by its id: it alone
 * looks for it, and any other one refuses.
 */
async function reach(
  { bootId }: LivingNode,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<string | null> {
  const chatId = temporaryIds(() => '00000000-0000-7000-8000-000000000000', bootId)();
  const asked = request({
    ...{ host, port, path: `/api/projects/none/chats/${chatId}`, agent: false },
    headers: { 'rill-keeper': bootId },
    signal: AbortSignal.timeout(answerLimitMs),
  }).end();
  try {
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return judge(await text(response));
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') return 'does not answer';
    return `is not reached (${error instanceof Error && 'code' in error ? error.code : error})`;
  }
}

/** What answered says who it is by the code of its error. */
function judge(body: string): string | null {
  const code = /"code": ?"(\w+)"/.exec(body)?.[1];
  if (code === 'kept_elsewhere') return 'another node answers';
  return code === undefined ? 'another program answers' : null;
}
