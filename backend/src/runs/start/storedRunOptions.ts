/** Serializes the options of a run for its row, so that another process can execute the run with the same ones. */
import {
  type Chat,
  type GenerationOptions,
  joinOptions,
  type Project,
  type RunReceipt,
  type Timeouts,
} from '@rill/protocol';
import type { RunRow } from '../../database/schema.ts';
import type { RunSettings } from '../runDependencies.ts';

export interface StoredRunOptions {
  /**
   * Those of the server, the project, the chat and the request: later ones win. Undefined for none, in older versions.
   */
  readonly options: GenerationOptions | undefined;
  /** Limits on waiting of project and chat; undefined in runs of an older version. */
  readonly timeouts: Timeouts | undefined;
  /** The system prompt of the project at that time; '' for none, undefined in runs of an older version. */
  readonly instructions: string | undefined;
  /** The answer limit that was planned, in tokens. */
  readonly maxTokens: number;
  /** True if the model may use the web; absent otherwise. */
  readonly webSearch?: boolean | undefined;
  /** Limit of the whole run, in milliseconds; undefined if the request set none. */
  readonly timeoutMs: number | undefined;
}

export function serializeRunOptions(options: StoredRunOptions): string {
  return JSON.stringify(options);
}

/** Null for a row without an answer limit. */
export function parseRunOptions(json: string): StoredRunOptions | null {
  const { maxTokens, ...rest } = JSON.parse(json) as Partial<StoredRunOptions>;
  const { options, timeouts, instructions, webSearch, timeoutMs } = rest;
  return maxTokens === undefined
    ? null
    : { options, timeouts, instructions, maxTokens, webSearch, timeoutMs };
}

/** The options of a send: its own, then those of its chat, its project and the server. */
export function resolveOptions(
  { fallbackModels }: Pick<RunSettings, 'fallbackModels'>,
  project: Pick<Project, 'options'>,
  chat: Pick<Chat, 'options'>,
  ofRequest?: GenerationOptions,
): GenerationOptions {
  const ofServer = fallbackModels.length > 0 ? { fallbackModels: [...fallbackModels] } : {};
  return [project.options, chat.options, ofRequest].reduce<GenerationOptions>(
    (wider, narrower) => joinOptions(wider, narrower) ?? {},
    ofServer,
  );
}

/**
 * The receipt of a run, from its stored options. `sentJson`: the fields of its last provider call; null without one.
 */
export function toReceipt(
  { model, settings_json }: Pick<RunRow, 'model' | 'settings_json'>,
  sentJson: string | null,
): RunReceipt {
  const stored = parseRunOptions(settings_json);
  return {
    model,
    instructions: stored?.instructions ?? null,
    options: stored?.options ?? null,
    maxTokens: stored?.maxTokens ?? null,
    sent: sentJson === null ? null : (JSON.parse(sentJson) as NonNullable<RunReceipt['sent']>),
  };
}
