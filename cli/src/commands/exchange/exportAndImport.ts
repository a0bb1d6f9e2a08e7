/**
 * `rill export FILE` writes everything as one archive; `rill import FILE` restores it, or imports the export of another
 * product. An exported FILE exists only once it is complete.
 */
import { createWriteStream, existsSync, openAsBlob, renameSync, rmSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import process from 'node:process';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { ImportJob } from '@rill/protocol';
import type { DataExchange } from './dataExchange.ts';
import { openExchange } from './openExchange.ts';

const whereWords = `--server   address of a server; without it RILL_URL; without both the data folder of this folder's settings
           (RILL_DATA_DIR) where no Rill runs on it, or the server that does`;

const exportUsage = `rill export FILE [--server URL]

Writes everything to FILE as one zip file, without the provider's key. FILE must not be there yet.
${whereWords}`;

const importUsage = `rill import FILE [--project ID] [--server URL]

Takes FILE in: an archive of Rill, or an export of ChatGPT, Claude, Open WebUI, LibreChat or chat-ui.
--project  id of the project for chats that bring none; without it a new one
${whereWords}
Ctrl-C leaves; the import continues at the server, or with the next start.`;

const options = {
  project: { type: 'string' },
  server: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const satisfies ParseArgsConfig['options'];

/** Interval at which the progress of an import is requested, in milliseconds. */
const askIntervalMs = 300;

const say = (line: string) => process.stdout.write(`${line}\n`);
const tell = (line: string) => process.stderr.write(`${line}\n`);

/** Resolves with the exit code. Errors: throws one sentence; FILE does not exist then. */
export async function exportAll(words: readonly string[]): Promise<number> {
  const { server, file } = read(words);
  if (file === null) return explain(words, exportUsage);
  const target = resolve(file);
  if (existsSync(target)) throw new Error(`${target} is there already: name a new file.`);
  const unfinished = `${target}-unfinished`;
  await withExchange({ server, mayMake: false }, async (exchange) => {
    try {
      const archive = await exchange.exportArchive();
      await pipeline(archive, createWriteStream(unfinished, { mode: 0o600, flush: true }));
    } catch (error) {
      rmSync(unfinished, { force: true });
      throw error;
    }
  });
  renameSync(unfinished, target);
  say(`The archive is whole: ${target}`);
  return 0;
}

/** Resolves with the exit code: 0 when everything was stored. Errors: throws one sentence. */
export async function importAll(words: readonly string[]): Promise<number> {
  const { server, file, projectId } = read(words);
  if (file === null) return explain(words, importUsage);
  if (!existsSync(file)) throw new Error(`There is no ${resolve(file)}.`);
  return withExchange({ server, mayMake: true }, async (exchange) => {
    const { id: importId } = await exchange.createImport({
      file: await openAsBlob(file),
      name: basename(file),
    });
    const counted = await settle(exchange, importId);
    if (counted.state !== 'counted' || !counted.count)
      throw new Error(counted.problem ?? 'The import was stopped.');
    const { conversations, messages, files } = counted.count;
    tell(`${conversations} conversations, ${messages} messages and ${files} files of ${counted.product}.`);
    await exchange.startImport({ importId, projectId });
    const job = await settle(exchange, importId);
    if (job.state !== 'completed') throw new Error(job.problem ?? 'The import was stopped.');
    for (const [outcome, count] of Object.entries(job.outcomes)) say(`${outcome}: ${count}`);
    return (await printTroubles(exchange, importId)) ? 1 : 0;
  });
}

async function withExchange<Result>(
  { server, mayMake }: { readonly server: string | undefined; readonly mayMake: boolean },
  work: (exchange: DataExchange) => Promise<Result>,
): Promise<Result> {
  const exchange = await openExchange(server, { mayMake });
  try {
    return await work(exchange);
  } finally {
    await exchange.close();
  }
}

function read(words: readonly string[]) {
  const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
  return {
    server: values.server,
    file: values.help ? null : (positionals[0] ?? null),
    projectId: values.project ?? null,
  };
}

function explain(words: readonly string[], usage: string): number {
  say(usage);
  return words.includes('--help') ? 0 : 2;
}

/** Waits until it has counted or stored everything. */
async function settle(exchange: DataExchange, importId: string): Promise<ImportJob> {
  for (;;) {
    const job = await exchange.getImport({ importId });
    if (job.state !== 'counting' && job.state !== 'running') return job;
    await wait(askIntervalMs);
  }
}

/** Prints what was not stored, or only in part. True when something was not stored. */
async function printTroubles(exchange: DataExchange, importId: string): Promise<boolean> {
  let isFailed = false;
  for (const outcome of ['failed', 'partial'] as const)
    for (let pageToken: string | null | undefined; pageToken !== null; ) {
      const page = await exchange.getImportReport({ importId, outcome, ...(pageToken && { pageToken }) });
      isFailed ||= outcome === 'failed' && page.items.length > 0;
      for (const { title, key, notes } of page.items) tell(`${outcome}: ${title || key}: ${notes.join(' ')}`);
      pageToken = page.nextPageToken;
    }
  return isFailed;
}
