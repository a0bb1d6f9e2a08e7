/**
 * Runs the script whose path is the first argument, as if it were started directly, after checking that this Node can
 * run it.
 */
import './requireNode.js';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

process.argv.splice(1, 1);
process.argv[1] = resolve(process.argv[1] ?? '');
await import(pathToFileURL(process.argv[1]).href);
