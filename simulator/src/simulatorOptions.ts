/** The settings of a simulator and their defaults. */
import type { Dialect } from './completionWire.ts';
import { defaultFixturesDirectory } from './fixtureCases.ts';

/** All optional; the defaults suit a test. */
export interface SimulatorOptions {
  /** Interface to listen on. Default 127.0.0.1. */
  host?: string;
  /** Port; 0 (default) takes a free one. */
  port?: number;
  /** Folder with cases.json. Default the package's own. */
  fixturesDirectory?: string;
  /** Pace of `text` steps and demo models, deltas per second. Default 60; 0 = as fast as the socket takes. */
  tokensPerSecond?: number;
  /** Wall clock for time stamps, epoch milliseconds. Pacing does not use it. Default Date.now. */
  now?: () => number;
  /** Server to speak like. Default 'openrouter'. */
  dialect?: Dialect;
  /** The one key that is accepted. Default: any, but OpenRouter's dialect demands that there is one. */
  apiKey?: string;
  /** Behave like a hostile provider that repeats the received key in every error. Default false. */
  echoKeyInErrors?: boolean;
  /** End streams with `data: [DONE]`. Default true. */
  hasDoneMarker?: boolean;
  /** How many look-ups of an ended generation get a 404 before its record appears. Default 2. */
  generationNotFoundCount?: number;
  /** Name of a hold that every look-up of a generation waits at. Default: none. */
  lookUpHold?: string;
  /**
   * How many ended requests are kept, each with its whole body and its generation record; at least 1. Past it the one
   * that ended first is forgotten; open ones are always kept. Default: no limit, so that a test can ask about any.
   */
  keptRequests?: number;
}

/** Fills in the defaults. */
export function withDefaults(options: SimulatorOptions): Required<
  Omit<SimulatorOptions, 'apiKey' | 'lookUpHold'>
> & {
  apiKey: string | undefined;
  lookUpHold: string | undefined;
} {
  return {
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    fixturesDirectory: options.fixturesDirectory ?? defaultFixturesDirectory,
    tokensPerSecond: options.tokensPerSecond ?? 60,
    now: options.now ?? Date.now,
    dialect: options.dialect ?? 'openrouter',
    apiKey: options.apiKey,
    echoKeyInErrors: options.echoKeyInErrors ?? false,
    hasDoneMarker: options.hasDoneMarker ?? true,
    generationNotFoundCount: options.generationNotFoundCount ?? 2,
    lookUpHold: options.lookUpHold,
    keptRequests: options.keptRequests ?? Number.POSITIVE_INFINITY,
  };
}

/** Options with every default filled in. */
export type ResolvedOptions = ReturnType<typeof withDefaults>;
