/** The one logger. Fields that could hold a secret or a person's text are removed whatever a caller passes. */
import { type Logger, pino } from 'pino';

const redactedPaths = [
  'req.headers.authorization',
  'req.headers.cookie',
  'headers.authorization',
  'headers.cookie',
  '*.apiKey',
  '*.accessToken',
  '*.content',
  '*.messages',
];

export function createLogger(level: string): Logger {
  return pino({ level, redact: { paths: redactedPaths, censor: '[removed]' }, base: null });
}
