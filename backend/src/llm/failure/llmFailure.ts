/** Defines how a provider call failed, with all that was known of it. Safe to store, log and show. */
import { type ErrorCode, RillError, type RillErrorOptions } from '@rill/protocol';
import type { ProviderUsage } from '../wire/usage.ts';

/**
 * The provider's error, verbatim but without secrets. Null means absent on the wire.
 * Texts are at most 300 UTF-16 units; `detail` is the upstream reason behind a generic `message`.
 */
export interface ProviderErrorReport {
  /** http: status not 2xx; body: 2xx with a JSON error; stream: in-band event; transport: the connection. */
  readonly phase: 'http' | 'body' | 'stream' | 'transport';
  readonly code: number | string | null;
  readonly message: string | null;
  readonly errorType: string | null;
  readonly provider: string | null;
  readonly detail: string | null;
  readonly isRetryable: boolean;
  readonly retryAfterMs: number | null;
  /** Milliseconds since the Unix epoch. */
  readonly retryAtMs: number | null;
}

/** What is known of one failed provider call; null means not known. */
export interface AttemptReport {
  readonly generationId: string | null;
  readonly provider: string | null;
  readonly model: string | null;
  readonly usage: ProviderUsage | null;
  readonly finishReason: string | null;
  /** True when the model had sent anything, shown or not: such a call is never retried silently. */
  readonly hasDelta: boolean;
  /** HTTP status; null when no response arrived. */
  readonly upstreamStatus: number | null;
  /** Null when the call timed out here, or ended properly but empty. */
  readonly providerError: ProviderErrorReport | null;
}

/** Thrown by every call of the service, apart from the reason of an aborted signal. */
export class LlmFailure extends RillError {
  readonly report: AttemptReport;

  constructor(code: ErrorCode, report: AttemptReport, options: RillErrorOptions = {}) {
    super(code, options);
    this.report = report;
  }
}
