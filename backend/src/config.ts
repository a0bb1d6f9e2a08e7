/**
 * Every setting, read once: name, unit, default, range. The only reader of the environment. A wrong value stops the
 * start with one sentence that names it.
 */
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import type { RunSettings } from './runs/runDependencies.ts';

export interface Config {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly dataDirectory: string;
  readonly logLevel: string;
  /** Secret that opens the server; null on a loopback address only. */
  readonly accessToken: string | null;
  /** Host names, beside loopback and IP addresses, under which the server answers. */
  readonly allowedHosts: readonly string[];
  readonly maxBodyBytes: number;
  readonly heartbeatMs: number;
  readonly parkedLimitMs: number;
  readonly drainMs: number;
  readonly provider: ProviderConfig;
  readonly runs: RunSettings;
}

export interface ProviderConfig {
  /** True when neither a key nor another server is set: the built-in simulator answers. */
  readonly isDemo: boolean;
  readonly baseUrl: string;
  readonly apiKey: string | null;
  readonly appUrl: string;
  readonly appTitle: string;
  readonly maxRetries: number;
  readonly retryMaxWaitMs: number;
}

interface Setting {
  readonly name: string;
  readonly meaning: string;
  readonly fallback: string;
}

const numbers = {
  port: {
    name: 'RILL_PORT',
    fallback: 3000,
    min: 0,
    max: 65_535,
    meaning: 'Port to listen on; 0 takes a free one.',
  },
  maxBodyBytes: {
    name: 'RILL_MAX_BODY_BYTES',
    fallback: 1_048_576,
    min: 1024,
    max: 104_857_600,
    meaning: 'Largest request body, in bytes.',
  },
  heartbeatMs: {
    name: 'RILL_HEARTBEAT_MS',
    fallback: 10_000,
    min: 10,
    max: 20_000,
    meaning: 'Silence in a stream after which a comment is sent, in ms. Clients give up after 25 s.',
  },
  parkedLimitMs: {
    name: 'RILL_PARKED_LIMIT_MS',
    fallback: 60_000,
    min: 1000,
    max: 3_600_000,
    meaning: 'How long a reader that takes nothing is kept, in ms; it can resume.',
  },
  drainMs: {
    name: 'RILL_DRAIN_MS',
    fallback: 60_000,
    min: 0,
    max: 3_600_000,
    meaning: 'How long running answers may go on at shutdown, in ms.',
  },
  maxRetries: {
    name: 'RILL_MAX_RETRIES',
    fallback: 2,
    min: 0,
    max: 10,
    meaning: 'Times a provider call is repeated before its first text.',
  },
  retryMaxWaitMs: {
    name: 'RILL_RETRY_MAX_WAIT_MS',
    fallback: 10_000,
    min: 0,
    max: 600_000,
    meaning:
      'Longest wait before a repeated call, in ms; a longer one ends the answer with the time to wait.',
  },
  connectTimeoutMs: {
    name: 'RILL_CONNECT_TIMEOUT_MS',
    fallback: 10_000,
    min: 1,
    max: 600_000,
    meaning: 'Limit for connecting to the provider, in ms.',
  },
  firstDeltaTimeoutMs: {
    name: 'RILL_FIRST_DELTA_TIMEOUT_MS',
    fallback: 90_000,
    min: 1,
    max: 3_600_000,
    meaning: 'Limit for the wait until the first text, in ms.',
  },
  idleTimeoutMs: {
    name: 'RILL_IDLE_TIMEOUT_MS',
    fallback: 60_000,
    min: 1,
    max: 3_600_000,
    meaning: 'Longest silence of the model in mid-answer, in ms.',
  },
  runDeadlineMs: {
    name: 'RILL_RUN_DEADLINE_MS',
    fallback: 900_000,
    min: 1,
    max: 86_400_000,
    meaning: 'Limit of a whole answer, in ms.',
  },
  maxTokens: {
    name: 'RILL_MAX_TOKENS',
    fallback: 16_384,
    min: 16,
    max: 1_000_000,
    meaning: 'Answer limit sent with every request, in tokens.',
  },
  maxRunsPerOwner: {
    name: 'RILL_MAX_RUNS_PER_OWNER',
    fallback: 20,
    min: 1,
    max: 100_000,
    meaning: 'Answers one person may have written at once.',
  },
  maxRuns: {
    name: 'RILL_MAX_RUNS',
    fallback: 1000,
    min: 1,
    max: 1_000_000,
    meaning: 'Answers this process writes at once.',
  },
} as const;

const texts = {
  host: {
    name: 'RILL_HOST',
    fallback: '127.0.0.1',
    meaning: 'Address to listen on; others need RILL_ACCESS_TOKEN.',
  },
  dataDirectory: { name: 'RILL_DATA_DIR', fallback: './data', meaning: 'Folder of the database.' },
  accessToken: {
    name: 'RILL_ACCESS_TOKEN',
    fallback: '',
    meaning: 'Secret of at least 16 characters to sign in with.',
  },
  allowedHosts: {
    name: 'RILL_ALLOWED_HOSTS',
    fallback: '',
    meaning: 'Host names the server answers to, comma separated, such as chat.example.com.',
  },
  logLevel: {
    name: 'RILL_LOG_LEVEL',
    fallback: 'info',
    meaning: 'One of trace, debug, info, warn, error, silent.',
  },
  apiKey: {
    name: 'OPENROUTER_API_KEY',
    fallback: '',
    meaning: 'Key for the provider. Without it, the demo answers.',
  },
  baseUrl: {
    name: 'OPENROUTER_BASE_URL',
    fallback: 'https://openrouter.ai/api/v1',
    meaning: 'Any OpenAI-compatible server.',
  },
  defaultModel: { name: 'RILL_DEFAULT_MODEL', fallback: '', meaning: 'Model for new chats.' },
  fallbackModels: {
    name: 'RILL_FALLBACK_MODELS',
    fallback: '',
    meaning: 'Models to try in turn, comma separated.',
  },
  appUrl: {
    name: 'RILL_APP_URL',
    fallback: 'http://localhost:3000',
    meaning: 'Address named to the provider.',
  },
  appTitle: { name: 'RILL_APP_TITLE', fallback: 'Rill', meaning: 'Name told to the provider.' },
} as const satisfies Record<string, Setting>;

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'];
const minTokenLength = 16;

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads and checks every setting. Errors: throws one sentence naming the setting that is wrong. */
export function readConfig(environment: Environment = process.env): Config {
  const text = (key: keyof typeof texts) => environment[texts[key].name]?.trim() || texts[key].fallback;
  const number = (key: keyof typeof numbers) => readNumber(environment, numbers[key]);
  const list = (key: keyof typeof texts) =>
    text(key)
      .split(',')
      .map((each) => each.trim())
      .filter((each) => each !== '');
  const config: Config = {
    host: text('host'),
    port: number('port'),
    dataDirectory: resolve(text('dataDirectory')),
    logLevel: text('logLevel'),
    accessToken: text('accessToken') || null,
    allowedHosts: list('allowedHosts').map((host) => host.toLowerCase()),
    maxBodyBytes: number('maxBodyBytes'),
    heartbeatMs: number('heartbeatMs'),
    parkedLimitMs: number('parkedLimitMs'),
    drainMs: number('drainMs'),
    provider: {
      isDemo: !environment[texts.apiKey.name]?.trim() && !environment[texts.baseUrl.name]?.trim(),
      baseUrl: text('baseUrl').replace(/\/+$/, ''),
      apiKey: text('apiKey') || null,
      appUrl: text('appUrl'),
      appTitle: text('appTitle'),
      maxRetries: number('maxRetries'),
      retryMaxWaitMs: number('retryMaxWaitMs'),
    },
    runs: {
      defaultModel: text('defaultModel') || null,
      fallbackModels: list('fallbackModels'),
      maxTokens: number('maxTokens'),
      connectTimeoutMs: number('connectTimeoutMs'),
      firstDeltaTimeoutMs: number('firstDeltaTimeoutMs'),
      idleTimeoutMs: number('idleTimeoutMs'),
      runDeadlineMs: number('runDeadlineMs'),
      maxRunsPerOwner: number('maxRunsPerOwner'),
      maxRuns: number('maxRuns'),
    },
  };
  checkTogether(config);
  return config;
}

/** The settings with meaning, range and default, for `--help`. */
export function describeSettings(): string {
  const lines = [
    ...Object.values(texts).map((setting) => [setting.name, setting.meaning, setting.fallback || 'none']),
    ...Object.values(numbers).map(({ name, meaning, fallback, min, max }) => [
      name,
      `${meaning} ${min} to ${max}.`,
      String(fallback),
    ]),
  ];
  return lines
    .map(([name, meaning, fallback]) => `  ${name}\n      ${meaning} Default: ${fallback}.`)
    .join('\n');
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function readNumber(
  environment: Environment,
  setting: { readonly name: string; readonly fallback: number; readonly min: number; readonly max: number },
): number {
  const text = environment[setting.name]?.trim();
  if (!text) return setting.fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < setting.min || value > setting.max) {
    throw new Error(`${setting.name} must be a whole number from ${setting.min} to ${setting.max}.`);
  }
  return value;
}

function checkTogether(config: Config): void {
  if (!logLevels.includes(config.logLevel)) {
    throw new Error(`${texts.logLevel.name} must be one of ${logLevels.join(', ')}.`);
  }
  if (config.accessToken !== null && config.accessToken.length < minTokenLength) {
    throw new Error(`${texts.accessToken.name} must have at least ${minTokenLength} characters.`);
  }
  if (config.accessToken === null && !isLoopback(config.host)) {
    throw new Error(
      `${texts.host.name} is ${config.host}, which others can reach: set ${texts.accessToken.name} first.`,
    );
  }
  if (
    !URL.canParse(config.provider.baseUrl) ||
    !/^https?:$/.test(new URL(config.provider.baseUrl).protocol)
  ) {
    throw new Error(`${texts.baseUrl.name} must be an http or https address.`);
  }
  if (config.runs.firstDeltaTimeoutMs < config.runs.connectTimeoutMs) {
    throw new Error(
      `${numbers.firstDeltaTimeoutMs.name} must not be shorter than ${numbers.connectTimeoutMs.name}.`,
    );
  }
}
