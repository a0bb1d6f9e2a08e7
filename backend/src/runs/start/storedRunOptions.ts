/** Serializes the options of a run for its row, so that another process can execute the run with the same ones. */
import type { Project, RunReceipt, SendMessage } from '@rill/protocol';
import type { RunRow } from '../../database/schema.ts';

export interface StoredRunOptions {
  /** Those of the project and of the request, which wins. */
  readonly options: SendMessage['options'];
  /** The system prompt of the project as it was; '' for none, undefined in runs of an older version. */
  readonly instructions: string | undefined;
  /** The answer limit that was planned, in tokens. */
  readonly maxTokens: number;
  /** True when the model may use the web; absent otherwise. */
  readonly webSearch?: boolean | undefined;
  /** Limit of the whole run, in milliseconds; undefined when the request named none. */
  readonly timeoutMs: number | undefined;
}

export function serializeRunOptions(options: StoredRunOptions): string {
  return JSON.stringify(options);
}

/** Null for a row without an answer limit. */
export function parseRunOptions(json: string): StoredRunOptions | null {
  const { maxTokens, options, instructions, webSearch, timeoutMs } = JSON.parse(
    json,
  ) as Partial<StoredRunOptions>;
  return maxTokens === undefined ? null : { options, instructions, maxTokens, webSearch, timeoutMs };
}

/** The options of a send: its own, and those of its project that it does not name. */
export function resolveOptions(project: Project, options: SendMessage['options']): SendMessage['options'] {
  return project.options || options ? { ...project.options, ...options } : undefined;
}

/** What a run was asked with, as it is stored. */
export function toReceipt({ model, settings_json }: Pick<RunRow, 'model' | 'settings_json'>): RunReceipt {
  const stored = parseRunOptions(settings_json);
  return {
    model,
    instructions: stored?.instructions ?? null,
    options: stored?.options ?? null,
    maxTokens: stored?.maxTokens ?? null,
  };
}
