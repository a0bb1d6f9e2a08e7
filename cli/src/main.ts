/** Runs the `rill` command except `start`: dispatches on its first word, and ends with one sentence when that fails. */
import { existsSync } from 'node:fs';
import process from 'node:process';

const usage = `rill start          starts the server in this folder
rill doctor         says what is wrong with this installation, and what to do
rill backup FILE    copies the database, also while the server writes
rill export FILE    writes everything to one file
rill import FILE    takes such a file, or an export of another product, in
rill move --to URL  moves everything to a Postgres, or back from it (--from)
rill ask "…"        sends a message and prints the answer as it comes

rill COMMAND --help says more. The settings are those of the server: environment or .env.`;

/** Each resolves with the exit code. Only the one that is asked for is loaded. */
const commands: Readonly<Record<string, (words: readonly string[]) => Promise<number>>> = {
  ask: async (words) => (await import('./commands/ask.ts')).ask(words),
  backup: async (words) => (await import('./commands/backUp.ts')).backUp(words),
  export: async (words) => (await import('./commands/exchange/exportAndImport.ts')).exportAll(words),
  import: async (words) => (await import('./commands/exchange/exportAndImport.ts')).importAll(words),
  move: async (words) => (await import('./commands/moveData.ts')).moveData(words),
  doctor: async (words) => (await import('./commands/doctor/doctor.ts')).doctor(words),
};

async function run([name = '--help', ...words]: readonly string[]): Promise<number> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (name === '--help' || name === 'help') process.stdout.write(`${usage}\n`);
  else if (!command) process.stderr.write(`There is no command ${name}.\n\n${usage}\n`);
  else {
    if (existsSync('.env')) process.loadEnvFile('.env');
    return await command(words);
  }
  return command || name === '--help' || name === 'help' ? 0 : 2;
}

// The reader of the output may stop early, as in: rill doctor | head
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
