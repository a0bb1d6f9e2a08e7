/**
 * Creates the one logger. `loggableError.ts` decides what of an error is written. Fields that could hold a secret or a
 * user's text are removed, whatever a caller passes.
 */
import { type DestinationStream, type Logger, pino } from 'pino';
import { loggableError } from './loggableError.ts';

const secretFields = ['apiKey', 'accessToken', 'authorization', 'cookie', '["set-cookie"]'];
const textFields = ['content', 'reasoning', 'messages'];
/** Where such fields are removed: in the line itself and up to three objects deep. */
const depths = ['', '*', '*.*', '*.*.*'];

const redactedPaths = [...secretFields, ...textFields].flatMap((field) =>
  depths.map((depth) => (depth === '' || field.startsWith('[') ? depth + field : `${depth}.${field}`)),
);

/** Writes JSON lines to `destination`, by default the process's standard output. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    serializers: { err: loggableError },
    redact: { paths: redactedPaths, censor: '[removed]' },
    base: null,
  };
  return destination ? pino(options, destination) : pino(options);
}
