/** `npm run build`: builds the page and the server, as far as they are missing or out of date. */
import process from 'node:process';
import { ensureBuilt } from './ensureBuilt.ts';

try {
  ensureBuilt('page', 'server');
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
