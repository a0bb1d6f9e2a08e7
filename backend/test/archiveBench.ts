/** Takes archives out of servers and into them, as a client does. */
import type { ImportJob } from '@rill/protocol';
import { expect } from 'vitest';
import { jsonOf } from './callServer.ts';
import type { TestServer } from './startTestServer.ts';

type AnyServer = Pick<TestServer, 'url' | 'request'>;

export async function exportOf(server: AnyServer): Promise<Buffer> {
  const response = await server.request('GET', '/api/export');
  expect(response.headers.get('content-type')).toBe('application/zip');
  return Buffer.from(await response.arrayBuffer());
}

export const jobOf = (server: AnyServer, id: string) =>
  jsonOf<ImportJob>(server.request('GET', `/api/import/${id}`));

/** Begins an import that is stored as soon as it is counted; resolves with its id. */
export async function beginImport(server: AnyServer, body: Buffer): Promise<string> {
  const response = await fetch(`${server.url}/api/import?name=export.zip&start=true`, {
    method: 'POST',
    headers: { 'content-type': 'application/zip' },
    body: new Uint8Array(body),
  });
  return (await jsonOf<ImportJob>(response)).id;
}

export async function importInto(server: AnyServer, archive: Buffer): Promise<ImportJob> {
  const id = await beginImport(server, archive);
  for (;;) {
    const job = await jobOf(server, id);
    if (job.state !== 'counting' && job.state !== 'running') return job;
  }
}
