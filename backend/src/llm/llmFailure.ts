/** How a provider call failed, with everything that was known by then; safe to store, log and show. */
import { type ErrorCode, RillError, type RillErrorOptions } from '@rill/protocol';
import type { ProviderUsage } from './usage.ts';

/**
 * The provider's error, in its words but without secrets. Null is absent on the wire.
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

/** What one failed provider call is known to have been; null is not known. */
export interface AttemptReport {
  readonly generationId: string | null;
  readonly provider: string | null;
  readonly model: string | null;
  readonly usage: ProviderUsage | null;
  readonly finishReason: string | null;
  readonly nativeFinishReason: string | null;
  /** True when the model had sent anything, shown or not: such a call is never repeated silently. */
  readonly hasDelta: boolean;
  /** HTTP status; null when no response arrived. */
  readonly upstreamStatus: number | null;
  /** Null when the call was ended by our own clock, or ended well but empty. */
  readonly providerError: ProviderErrorReport | null;
}

/** What every call of the service throws, apart from the reason of an aborted signal. */
export class LlmFailure extends RillError {
  readonly report: AttemptReport;

  constructor(code: ErrorCode, report: AttemptReport, options: RillErrorOptions = {}) {
    super(code, options);
    this.report = report;
  }
}
