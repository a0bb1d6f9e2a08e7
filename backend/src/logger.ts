/** The one logger. Fields that could hold a secret or a person's text are removed whatever a caller passes. */
import { type DestinationStream, type Logger, pino } from 'pino';

const secretFields = ['apiKey', 'accessToken', 'authorization', 'cookie', '["set-cookie"]'];
const textFields = ['content', 'reasoning', 'messages'];
/** Where such a field is looked for: in the line itself and up to three objects deep. */
const depths = ['', '*', '*.*', '*.*.*'];

const redactedPaths = [...secretFields, ...textFields].flatMap((field) =>
  depths.map((depth) => (depth === '' || field.startsWith('[') ? depth + field : `${depth}.${field}`)),
);

/** Writes JSON lines to `destination`, by default the process's standard output. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = { level, redact: { paths: redactedPaths, censor: '[removed]' }, base: null };
  return destination ? pino(options, destination) : pino(options);
}
