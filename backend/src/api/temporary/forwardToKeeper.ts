/**
 * Forwards requests for temporary chats of another node to that node, as they came: it checks and answers them. Bodies
 * and event streams flow through without being stored, and end where either side ends, or where the node is silent for
 * too long.
 */
import { once } from 'node:events';
import { request as ask, type IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { RillError } from '@rill/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../clock.ts';
import type { Keepers, NamedRow } from '../../runs/temporary/keepers.ts';
import { readMark } from '../../runs/temporary/temporaryIds.ts';
import type { StreamedBodies, StreamedBody } from '../streamedBodies.ts';
import { onSilence } from './silence.ts';
import { namedInAddress } from './temporaryRouting.ts';

/** Names the process start that a forwarded request is for; another process refuses it. */
const keeperHeader = 'rill-keeper';
/** Of a connection, not of a request. */
const hopHeaders: readonly string[] = ['connection', 'keep-alive', 'proxy-connection', 'upgrade', 'expect'];

/** How long the node may take to accept a part of the request, and to answer the whole, in milliseconds. */
const answerMs = 10_000;
/** How long it may be silent in an answer, in milliseconds: a stream has heartbeats, and clients wait no longer. */
const silenceMs = 25_000;

interface Reachable {
  readonly bootId: string;
  readonly host: string;
  readonly port: number;
}

/** Call before any other hook is added that a forwarded request must pass at its node only. */
export function forwardToKeepers(
  server: FastifyInstance,
  keepers: Keepers,
  bodies: StreamedBodies,
  clock: Clock,
): void {
  server.addHook('onRequest', (request, reply, done) => {
    const named = namedInAddress(request);
    if (!named || readMark(named.id) === null) return done();
    // A forwarded request is answered here and passes no other hook.
    forwardIfKept(request, reply, named).then((isForwarded) => isForwarded || done(), done);
  });
  const forwardIfKept = async (request: FastifyRequest, reply: FastifyReply, named: NamedRow) => {
    const wanted = request.headers[keeperHeader];
    if (wanted === keepers.bootId) return false;
    if (wanted !== undefined) throw unreachable();
    const keeper = await keepers.find(named);
    if (!keeper) return false;
    const { bootId, host, port } = keeper;
    if (host === null || port === null) throw unreachable();
    await bodies.read({ request, reply, maxBytes: Number.POSITIVE_INFINITY, takesAnyType: true }, (body) =>
      forward(request, reply, { keeper: { bootId, host, port }, clock, ...body }),
    );
    return true;
  };
}

/** Errors: kept_elsewhere when the node does not answer in time. */
async function forward(
  { raw, ip }: FastifyRequest,
  reply: FastifyReply,
  { body, signal, keeper, clock }: StreamedBody & { readonly keeper: Reachable; readonly clock: Clock },
): Promise<void> {
  const { bootId, host, port } = keeper;
  const forwardedFor = [raw.headers['x-forwarded-for'] ?? [], ip].flat().join(', ');
  const headers = { ...withoutHops(raw.headers), [keeperHeader]: bootId, 'x-forwarded-for': forwardedFor };
  const asked = ask({ host, port, method: raw.method ?? 'GET', path: raw.url ?? '/', headers, agent: false });
  const end = (cause?: Error) => void asked.destroy(cause);
  reply.raw.once('close', () => end());
  // Silence of the sender counts for a body alone.
  signal.addEventListener('abort', () => raw.complete || end(), { once: true });
  const isTaken = () => !body.readableEnded && asked.socket?.connecting === false && !asked.writableNeedDrain;
  const stopWaiting = onSilence({
    clock,
    limitMs: answerMs,
    from: body,
    to: asked,
    isExcused: isTaken,
    end: () => end(new Error('The node did not answer in time.')),
  });
  body.once('error', end).pipe(asked);
  const [answer] = (await once(asked, 'response')
    .catch((cause: unknown) => {
      throw unreachable(cause);
    })
    .finally(stopWaiting)) as [IncomingMessage];
  // What breaks from here on breaks the response too.
  asked.on('error', () => undefined);
  reply.hijack();
  reply.raw.writeHead(answer.statusCode ?? 502, withoutHops(answer.headers));
  reply.raw.flushHeaders();
  const stopListening = onSilence({
    clock,
    limitMs: silenceMs,
    from: answer,
    to: reply.raw,
    isExcused: () => reply.raw.writableNeedDrain,
    end: () => void answer.destroy(),
  });
  await pipeline(answer, reply.raw).catch(() => undefined);
  stopListening();
}

const withoutHops = (headers: IncomingMessage['headers']): IncomingMessage['headers'] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !hopHeaders.includes(name)));

const unreachable = (cause?: unknown) => new RillError('kept_elsewhere', { retryAfterMs: 1000, cause });
