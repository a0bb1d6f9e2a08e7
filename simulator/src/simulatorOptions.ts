/** Defines the settings of a simulator and their defaults. */

import type { JsonObject, JsonValue } from './jsonData.ts';
import type { HttpAnswer } from './script.ts';
import type { Dialect } from './wire/completionWire.ts';

/** All optional; the defaults suit a test. */
export interface SimulatorOptions {
  /** Interface to listen on. Default 127.0.0.1. */
  host?: string;
  /** Port; 0 (default) chooses a free one. */
  port?: number;
  /** Pace of `text` steps and demo models, deltas per second. Default 60; 0 = as fast as the socket takes. */
  tokensPerSecond?: number;
  /** Wall clock for time stamps, epoch milliseconds. Pacing does not use it. Default Date.now. */
  now?: () => number;
  /** The server to imitate. Default 'openrouter'. */
  dialect?: Dialect;
  /** The one key that is accepted. Default: any key, but OpenRouter's dialect requires one. */
  apiKey?: string;
  /** Behaves like a hostile provider that repeats the received key in every error. Default false. */
  echoKeyInErrors?: boolean;
  /** Ends streams with `data: [DONE]`. Default true. */
  hasDoneMarker?: boolean;
  /** How many look-ups of an ended generation get a 404 before its record appears. Default 2. */
  generationNotFoundCount?: number;
  /** Refuses a completion by its body, as strict servers do; undefined accepts it. Default: accepts every one. */
  refuse?: (body: JsonObject) => HttpAnswer | undefined;
  /** JSON that is sent instead of the list of models. Default: the list in the dialect's form. */
  modelList?: JsonValue;
  /** Name of a hold at which every look-up of a generation waits. Default: none. */
  lookUpHold?: string;
  /**
   * How many ended requests are kept, each with its whole body and its generation record; at least 1. Beyond
   * that the one that ended first is forgotten; open ones are always kept. Default: no limit, so that a test can inspect
   * every request.
   */
  keptRequests?: number;
}

/** Fills in the defaults. */
export function withDefaults(options: SimulatorOptions): Required<
  Omit<SimulatorOptions, 'apiKey' | 'lookUpHold' | 'refuse' | 'modelList'>
> & {
  apiKey: string | undefined;
  refuse: SimulatorOptions['refuse'];
  modelList: JsonValue | undefined;
  lookUpHold: string | undefined;
} {
  return {
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    tokensPerSecond: options.tokensPerSecond ?? 60,
    now: options.now ?? Date.now,
    dialect: options.dialect ?? 'openrouter',
    apiKey: options.apiKey,
    echoKeyInErrors: options.echoKeyInErrors ?? false,
    hasDoneMarker: options.hasDoneMarker ?? true,
    generationNotFoundCount: options.generationNotFoundCount ?? 2,
    lookUpHold: options.lookUpHold,
    refuse: options.refuse,
    modelList: options.modelList,
    keptRequests: options.keptRequests ?? Number.POSITIVE_INFINITY,
  };
}

/** Options with every default filled in. */
export type ResolvedOptions = ReturnType<typeof withDefaults>;
