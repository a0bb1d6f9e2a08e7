/** `npm start`: builds the page when it is missing or out of date, then becomes the server, in this same process. */
import process from 'node:process';
import { dropEchoedSignals } from './dropEchoedSignals.ts';
import { ensureFrontendIsBuilt } from './frontendBuild.ts';

function prepare(): boolean {
  try {
    if (!process.argv.includes('--help')) ensureFrontendIsBuilt();
    return true;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return false;
  }
}

if (prepare()) {
  dropEchoedSignals(process, () => performance.now());
  await import('../backend/src/main.ts');
} else {
  process.exitCode = 1;
}
