/** Finds out whether the port is free, used by Rill, or used by another program. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createRillClient } from '@rill/client/source';
import type { Config } from '../../../../backend/src/config.ts';
import { urlHostOf } from '../../readServer.ts';
import type { Finding } from './finding.ts';

/** How long a server that is there has to answer, in milliseconds. */
const answerLimitMs = 5000;

export async function checkPort({ host, port, basePath }: Config): Promise<Finding> {
  const subject = 'Port';
  const problem = await listenOnce(host, port);
  if (problem === null) {
    const found = port === 0 ? 'Any free one is taken at the start.' : `${port} on ${host} is free.`;
    return { level: 'ok', subject, found };
  }
  if (problem !== 'EADDRINUSE') {
    return {
      level: 'problem',
      subject,
      found: `Rill cannot listen on ${host}:${port} (${problem}).`,
      advice: 'Set RILL_HOST to an address of this machine, and RILL_PORT to one above 1023.',
    };
  }
  const version = await versionAt(`http://${urlHostOf(host)}:${port}${basePath}`);
  if (version !== null) return { level: 'ok', subject, found: `Rill ${version} is running on ${port}.` };
  return {
    level: 'problem',
    subject,
    found: `${port} on ${host} is taken by another program.`,
    advice: 'End that program, or set RILL_PORT.',
  };
}

/** Listens once and stops. Null when that works, else the system's error code. */
async function listenOnce(host: string, port: number): Promise<string | null> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return null;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  } finally {
    server.close();
  }
}

/** The version of the Rill that answers; null when it is another program. */
async function versionAt(baseUrl: string): Promise<string | null> {
  try {
    const { version } = await createRillClient({ baseUrl }).health({
      signal: AbortSignal.timeout(answerLimitMs),
    });
    return version;
  } catch {
    return null;
  }
}
