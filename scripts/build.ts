/** `npm run build`: builds what is missing or out of date of the page and the server. */
import process from 'node:process';
import { ensureBuilt } from './ensureBuilt.ts';

try {
  ensureBuilt('page', 'server');
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
