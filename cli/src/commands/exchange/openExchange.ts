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
 * A server that is named, else the data folder of the settings where no Rill holds it, else the server of the settings.
 * With DATABASE_URL always a server. Where there is no database yet, a server that answers has it elsewhere; `mayMake`: without one, it is made.
 * Errors: throws one sentence.
 */
export async function openExchange(
  server: string | undefined,
  { mayMake }: { readonly mayMake: boolean },
): Promise<DataExchange> {
  if ((server ?? process.env.RILL_URL ?? '') !== '') return openServerExchange(server);
  const config = readConfig();
  // What a folder has that nodes share is not their database.
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
