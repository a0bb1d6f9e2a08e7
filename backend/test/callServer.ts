/** Calls a started server from tests, in one line each. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ChatDetail, ErrorBody, Message } from '@rill/protocol';
import { readStream, type StreamReader } from './readStream.ts';
import type { TestServer } from './startTestServer.ts';

type Headers = Record<string, string>;
/** A server in this process or another. */
type AnyServer = Pick<TestServer, 'request'>;

/** POST …/messages/stream, once it has answered 200. */
export async function send(
  server: AnyServer,
  path: string,
  body: object = { content: 'Hello' },
  headers: Headers = {},
): Promise<StreamReader> {
  return readStream(await server.request('POST', `${path}/messages/stream`, body, headers));
}

/** GET …/messages/stream: from `lastEventId`, else from the start of the active run. */
export function attach(server: AnyServer, path: string, lastEventId?: string): Promise<Response> {
  const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  return server.request('GET', `${path}/messages/stream`, undefined, headers);
}

export async function jsonOf<Body>(response: Response | Promise<Response>): Promise<Body> {
  return (await (await response).json()) as Body;
}

export function detailOf(server: AnyServer, path: string): Promise<ChatDetail> {
  return jsonOf<ChatDetail>(server.request('GET', path));
}

/** The newest answer of the visible branch. */
export async function answerOf(server: AnyServer, path: string): Promise<Message | undefined> {
  return (await detailOf(server, path)).messages.findLast((message) => message.role === 'assistant');
}

/** A failed request as its status and the protocol's error. */
export async function failureOf(response: Response | Promise<Response>) {
  const { status } = await response;
  const { error } = await jsonOf<ErrorBody>(response);
  return { status, ...error };
}

/** Rows of one table as they are committed. `where` is SQL. */
export function countRows(server: TestServer, table: string, where = 'TRUE'): number {
  const query = `SELECT count(*) AS count FROM ${table} WHERE ${where}`;
  if (server.databaseUrl !== null)
    return Number(
      execFileSync('psql', ['--no-psqlrc', '-Atc', query, server.databaseUrl], { encoding: 'utf8' }),
    );
  const connection = new DatabaseSync(join(server.dataDirectory, 'rill.sqlite'), { readOnly: true });
  try {
    return Number(connection.prepare(query).get()?.count);
  } finally {
    connection.close();
  }
}

/** What a test must leave behind: no active run, no live source, no open answer at the provider. */
export async function leftOpen(server: TestServer) {
  const { app, simulator } = server;
  for (const request of simulator.requests) if (request.model) await simulator.waitForEnd(request);
  return {
    requests: app.activeRequests.size,
    liveRuns: app.liveRuns.size,
    providerStreams: simulator.openStreams,
  };
}

export const nothing = { requests: 0, liveRuns: 0, providerStreams: 0 };
