/** `rill doctor`: checks everything that a server needs, changes nothing, and says what is wrong and what to do. */
import process from 'node:process';
import { type Config, readConfig } from '../../../../backend/src/config.ts';
import { checkDatabase } from './checkDatabase.ts';
import { checkFolder } from './checkFolder.ts';
import { checkNodes } from './checkNodes.ts';
import { checkPort } from './checkPort.ts';
import { checkProvider } from './checkProvider.ts';
import { checkProxies } from './checkProxies.ts';
import type { Finding } from './finding.ts';

const usage = `rill doctor

Checks Node, settings, port, data folder, database, nodes on a shared one, key, provider and proxy variables of a
server that is started in this folder. Changes nothing. Ends with 1 when something keeps Rill from working.`;

const signs: Readonly<Record<Finding['level'], string>> = {
  ok: 'ok      ',
  warning: 'look    ',
  problem: 'PROBLEM ',
};

/** Resolves with the exit code. */
export async function doctor(words: readonly string[]): Promise<number> {
  if (words.includes('--help')) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  let problems = 0;
  for await (const { level, subject, found, advice } of findings()) {
    if (level === 'problem') problems += 1;
    process.stdout.write(`${signs[level]}${subject}: ${found}\n${advice ? `        → ${advice}\n` : ''}`);
  }
  process.stdout.write(problems === 0 ? 'Nothing keeps Rill from working.\n' : `${problems} to put right.\n`);
  return problems === 0 ? 0 : 1;
}

async function* findings(): AsyncGenerator<Finding> {
  // An older Node ends before this line, with a sentence that says what to do.
  yield { level: 'ok', subject: 'Node', found: `${process.versions.node} is new enough.` };
  const config = readSettings();
  if ('level' in config) return yield config;
  yield { level: 'ok', subject: 'Settings', found: 'All of them can be read.' };
  yield await checkPort(config);
  yield checkFolder(config);
  const database = await checkDatabase(config);
  yield database;
  if (config.postgres && database.level !== 'problem') yield* checkNodes(config.postgres);
  yield* checkProxies(config, process.env);
  yield* checkProvider(config);
}

function readSettings(): Config | Finding {
  try {
    return readConfig();
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return {
      level: 'problem',
      subject: 'Settings',
      found,
      advice: 'Change it in the environment or in .env, then check again: nothing else was looked at.',
    };
  }
}
