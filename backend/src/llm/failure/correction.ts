/** Defines a refused request, and the form in which the server may accept it. */
import type { RequestForm } from '../wire/requestForm.ts';

export interface Refusal {
  /** HTTP status; null for an error inside a 200. */
  readonly status: number | null;
  /** The server's texts, as `refusalText` collects them. */
  readonly text: string;
}

/** The request that was refused. */
export interface SentRequest {
  readonly form: RequestForm;
  /** Names of the body's fields. */
  readonly fields: readonly string[];
  /** The answer limit that was sent, in tokens; null for none. */
  readonly limitTokens: number | null;
  readonly hasSystem: boolean;
  /** Length of all messages in UTF-8 bytes. */
  readonly promptBytes: number;
}

export interface Correction {
  readonly form: RequestForm;
  /** Answer limit for this request alone, in tokens; null leaves it to the form. */
  readonly callLimit: number | null;
  /** False when only later requests can succeed: this one is too long by itself. */
  readonly isWorthRetrying: boolean;
  /** What changed, in the names of fields, for the log. */
  readonly changes: readonly string[];
}
