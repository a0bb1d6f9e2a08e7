/** What a run was asked with, as its row keeps it, so that another process can perform it. */
import type { SendMessage } from '@rill/protocol';

export interface RunSettingsAsked {
  readonly options: SendMessage['options'];
  /** The answer limit that was planned, in tokens. */
  readonly maxTokens: number;
  /** Limit of the whole run, in milliseconds, when the request named one. */
  readonly timeoutMs: number | undefined;
}

export function encodeRunSettings(asked: RunSettingsAsked): string {
  return JSON.stringify(asked);
}

/** Null for a row that does not say it all. */
export function decodeRunSettings(json: string): RunSettingsAsked | null {
  const { options, maxTokens, timeoutMs } = JSON.parse(json) as Partial<RunSettingsAsked>;
  return maxTokens === undefined ? null : { options, maxTokens, timeoutMs };
}
