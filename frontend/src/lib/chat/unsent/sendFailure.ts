/** Decides what happens to a message that could not be sent. */
import type { RillError } from '@rill/protocol';

export interface SendFailure {
  readonly reason: string;
  /** It never can be sent. */
  readonly isRefused: boolean;
  /** It can be sent later, so it is sent by itself. */
  readonly isPassing: boolean;
}

/** Sends what could not be sent, once it can be. */
export interface LaterSender {
  sendLater(): void;
}

/** The same request would be refused again, whatever changes at the server. */
const finalCodes: ReadonlySet<string> = new Set([
  'bad_request',
  'body_too_large',
  'unsupported_media_type',
  'idempotency_mismatch',
]);

export function sendFailure({ code, message, isRetryable }: RillError, content: string): SendFailure {
  return {
    reason: code === 'body_too_large' ? tooLarge(content) : message,
    isRefused: finalCodes.has(code),
    // A message is never sent automatically below an answer that its writer had not seen.
    isPassing: (isRetryable && code !== 'run_active') || code === 'unauthorized',
  };
}

/** A proxy does not say how much it takes. */
function tooLarge(content: string): string {
  const bytes = new TextEncoder().encode(JSON.stringify(content)).length.toLocaleString('en');
  return `This message has ${bytes} bytes, and the server, or a proxy in front of it, takes less. Shorten it, or send it in parts.`;
}
