/**
 * Chooses where `rill export` and `rill import` find the data: at a running server, or in a folder that no server uses.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { createRillClient, type RillClient } from '@rill/client/source';
import { type Config, readConfig } from '../../../../backend/src/config.ts';
import { readServer } from '../../readServer.ts';
import type { DataExchange } from './dataExchange.ts';
import { openFolderExchange } from './folderExchange.ts';

/**
 * Uses the named server, else the data folder of the settings if no Rill holds it, else the server of the settings.
 * With DATABASE_URL it always uses a server. If the folder has no database yet, `mayMake` allows making one, unless a
 * server answers.
 * Errors: throws one sentence.
 */
export async function openExchange(
  server: string | undefined,
  { mayMake }: { readonly mayMake: boolean },
): Promise<DataExchange> {
  if ((server ?? process.env.RILL_URL ?? '') !== '') return openServerExchange(server);
  const config = readConfig();
  // With Postgres the folder holds no database.
  if (config.postgres) return openServerExchange(server);
  const isThere = existsSync(join(config.dataDirectory, 'rill.sqlite'));
  if (!isThere && (!mayMake || (await isServed(server)))) return openServerExchange(server);
  return (await openFolder(config)) ?? openServerExchange(server);
}

async function openFolder(config: Config): Promise<DataExchange | null> {
  const exchange = await openFolderExchange(config);
  if (exchange) process.stderr.write(`No Rill runs on ${config.dataDirectory}: it is opened directly.\n`);
  return exchange;
}

function openServerExchange(server: string | undefined): DataExchange {
  const client = clientOf(server);
  return {
    ...client,
    exportArchive: async () => chunksOf(await client.exportArchive()),
    close: async () => undefined,
  };
}

function clientOf(server: string | undefined): RillClient {
  const { baseUrl, accessToken } = readServer(server);
  return createRillClient({ baseUrl, ...(accessToken !== null && { accessToken }) });
}

const isServed = (server: string | undefined): Promise<boolean> =>
  clientOf(server)
    .health()
    .then(
      () => true,
      () => false,
    );

async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
