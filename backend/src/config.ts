/**
 * Reads every setting once, and checks it: name, unit, default, range. Only this file reads the environment. An invalid
 * value stops the start with one sentence that names the setting.
 */
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { chooseProxy, type ProxySettings, readProxies } from './llm/http/chooseProxy.ts';
import { readApiKey, readProviderAddress } from './llm/http/providerAddress.ts';
import {
  readAllowedHosts,
  readBasePath,
  readDatabaseUrl,
  readNodeAddress,
  readRedisUrl,
  readSwitch,
  readTrustedProxies,
} from './networkSettings.ts';
import type { ChosenAddress } from './nodes/nodeAddress.ts';
import type { RunSettings } from './runs/runDependencies.ts';
import { settingDefaults as numbers } from './settingDefaults.ts';

export interface Config {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** With `postgres`, the folder that all nodes share. */
  readonly dataDirectory: string;
  /** Null keeps everything in the data folder. */
  readonly postgres: PostgresConfig | null;
  /** Unique among the nodes of a database; null if unset. */
  readonly nodeName: string | null;
  /** Where other nodes reach this one; null where that is what it listens on. */
  readonly nodeAddress: ChosenAddress | null;
  readonly logLevel: string;
  /** Secret that opens the server; null on a loopback address only. */
  readonly accessToken: string | null;
  /** Host names, besides loopback and IP addresses, that the server accepts, each with an optional port. */
  readonly allowedHosts: readonly string[];
  /** Addresses, networks and their names, in the form of `@fastify/proxy-addr`. */
  readonly trustedProxies: readonly string[];
  /** Prefix of all paths, such as `/chat`; '' is the root. */
  readonly basePath: string;
  readonly maxBodyBytes: number;
  readonly maxImportBytes: number;
  readonly heartbeatMs: number;
  readonly stalledReaderTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly drainMs: number;
  readonly provider: ProviderConfig;
  readonly runs: RunSettings;
}

export interface PostgresConfig {
  readonly url: string;
  readonly directUrl: string;
  readonly hasNamedStatements: boolean;
  readonly readers: number;
  readonly writers: number;
  /** How long appends are tried again while the database cannot be reached. */
  readonly outageMs: number;
  /** Redis, which carries hints between nodes instead of the database; null for none. */
  readonly redisUrl: string | null;
}

export interface ProviderConfig {
  /** True when neither a key nor another server is set: the built-in simulator answers. */
  readonly isDemo: boolean;
  /** Without user, password and query. */
  readonly baseUrl: string;
  /** Appended to the path of every request: `?api-version=1`, or ''. */
  readonly query: string;
  /** `user:password`; null for none. */
  readonly basicAuth: string | null;
  readonly apiKey: string | null;
  /** The provider's page that makes keys for programs; null where there is none. */
  readonly keyPageUrl: string | null;
  readonly proxies: ProxySettings;
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

const texts = {
  host: {
    name: 'RILL_HOST',
    fallback: '127.0.0.1',
    meaning: 'Address to listen on; others need RILL_ACCESS_TOKEN.',
  },
  dataDirectory: {
    name: 'RILL_DATA_DIR',
    fallback: './data',
    meaning:
      'Folder of the database and of files. With DATABASE_URL one that all nodes share, without a default.',
  },
  databaseUrl: {
    name: 'DATABASE_URL',
    fallback: '',
    meaning:
      'Address of a Postgres (15 or newer) that any number of nodes share, in place of a file in the data folder.',
  },
  databaseDirectUrl: {
    name: 'RILL_DATABASE_DIRECT_URL',
    fallback: '',
    meaning: 'The same database past a pooler such as PgBouncer. Without it DATABASE_URL.',
  },
  redisUrl: {
    name: 'REDIS_URL',
    fallback: '',
    meaning:
      'Address of a Redis or Valkey by which nodes wake each other, in place of LISTEN and NOTIFY of the database.',
  },
  namedStatements: {
    name: 'RILL_PG_PREPARED',
    fallback: 'on',
    meaning: 'off for a pooler that takes no named statements, as PgBouncer before 1.21.',
  },
  nodeName: {
    name: 'RILL_NODE_NAME',
    fallback: '',
    meaning:
      'Name of this process among those that share a Postgres database, unique there. A start then claims the runs of the last process of that name at once.',
  },
  nodeAddress: {
    name: 'RILL_NODE_ADDRESS',
    fallback: '',
    meaning:
      'Where the other nodes reach this one, such as 10.0.0.5 or node1.internal:3000. Without it where it listens, or from where the database sees it when that is every address.',
  },
  accessToken: {
    name: 'RILL_ACCESS_TOKEN',
    fallback: '',
    meaning: 'Secret of at least 16 characters to sign in with.',
  },
  allowedHosts: {
    name: 'RILL_ALLOWED_HOSTS',
    fallback: '',
    meaning: 'Host names the server answers to, comma separated, such as chat.example.com or rill.lan:8443.',
  },
  trustedProxies: {
    name: 'RILL_TRUSTED_PROXIES',
    fallback: '',
    meaning:
      'Proxies whose X-Forwarded-For and X-Forwarded-Proto count, comma separated: addresses, networks such as 10.0.0.0/8, or loopback, linklocal, uniquelocal.',
  },
  basePath: {
    name: 'RILL_BASE_PATH',
    fallback: '/',
    meaning:
      'Path under which a proxy serves page and API, such as /chat, whether or not the proxy cuts it off.',
  },
  logLevel: {
    name: 'RILL_LOG_LEVEL',
    fallback: 'info',
    meaning: 'One of trace, debug, info, warn, error, silent.',
  },
  apiKey: {
    name: 'OPENROUTER_API_KEY',
    fallback: '',
    meaning:
      'Key for the provider, which wins over one that is entered in the page. Without any, the demo answers.',
  },
  keyPageUrl: {
    name: 'OPENROUTER_KEY_PAGE_URL',
    fallback: '',
    meaning:
      'Page that makes keys for programs (OAuth with PKCE). Without it that of OpenRouter, for OpenRouter.',
  },
  baseUrl: {
    name: 'OPENROUTER_BASE_URL',
    fallback: 'https://openrouter.ai/api/v1',
    meaning:
      'Any OpenAI-compatible server. A user and a password in it are sent as Basic sign-in, a query with every request.',
  },
  httpsProxy: {
    name: 'HTTPS_PROXY',
    fallback: '',
    meaning: 'HTTP proxy for providers at https addresses. This and the next three also in lower case.',
  },
  httpProxy: { name: 'HTTP_PROXY', fallback: '', meaning: 'HTTP proxy for providers at http addresses.' },
  allProxy: { name: 'ALL_PROXY', fallback: '', meaning: 'HTTP proxy for both.' },
  noProxy: {
    name: 'NO_PROXY',
    fallback: '',
    meaning:
      'Hosts that are asked without a proxy, comma separated: names, .suffixes, addresses, networks, *.',
  },
  defaultModel: { name: 'RILL_DEFAULT_MODEL', fallback: '', meaning: 'Model for new chats.' },
  titleModel: {
    name: 'RILL_TITLE_MODEL',
    fallback: '',
    meaning:
      'Model that names chats after their first answer, or off; without it a small one that OpenRouter lists.',
  },
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
  appTitle: { name: 'RILL_APP_TITLE', fallback: 'Rill', meaning: 'Name sent to the provider.' },
} as const satisfies Record<string, Setting>;

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'];
const minTokenLength = 16;

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads and checks every setting. Errors: throws one sentence naming the setting that is wrong. */
export function readConfig(environment: Environment = process.env): Config {
  const settings = createReaders(environment);
  const { text, number, read, list } = settings;
  const config: Config = {
    host: text('host'),
    port: number('port'),
    dataDirectory: resolve(text('dataDirectory')),
    nodeName: read('nodeName', readNodeName),
    nodeAddress: read('nodeAddress', readNodeAddress),
    postgres: readPostgres(settings),
    logLevel: text('logLevel'),
    accessToken: text('accessToken') || null,
    allowedHosts: readAllowedHosts(texts.allowedHosts.name, list('allowedHosts')),
    trustedProxies: readTrustedProxies(texts.trustedProxies.name, list('trustedProxies')),
    basePath: readBasePath(texts.basePath.name, text('basePath')),
    maxBodyBytes: number('maxBodyBytes'),
    maxImportBytes: number('maxImportBytes'),
    heartbeatMs: number('heartbeatMs'),
    stalledReaderTimeoutMs: number('stalledReaderTimeoutMs'),
    requestTimeoutMs: number('requestTimeoutMs'),
    drainMs: number('drainMs'),
    provider: readProvider(settings, environment),
    runs: {
      defaultModel: text('defaultModel') || null,
      titleModel: text('titleModel'),
      fallbackModels: list('fallbackModels'),
      maxTokens: number('maxTokens'),
      maxWebCostUsd: number('maxWebCents') / 100,
      connectTimeoutMs: number('connectTimeoutMs'),
      firstDeltaTimeoutMs: number('firstDeltaTimeoutMs'),
      idleTimeoutMs: number('idleTimeoutMs'),
      runDeadlineMs: number('runDeadlineMs'),
      maxRunsPerOwner: number('maxRunsPerOwner'),
      maxRuns: number('maxRuns'),
    },
  };
  if (config.postgres && !environment[texts.dataDirectory.name]?.trim()) {
    throw new Error(
      `${texts.databaseUrl.name} is set: set ${texts.dataDirectory.name} too, to a folder that all nodes share, for files.`,
    );
  }
  checkTogether(config);
  return config;
}

type Readers = ReturnType<typeof createReaders>;

/** Returns functions that read one setting by its key. They throw one sentence that names the setting. */
function createReaders(environment: Environment) {
  const text = (key: keyof typeof texts) => environment[texts[key].name]?.trim() || texts[key].fallback;
  return {
    text,
    number: (key: keyof typeof numbers) => readNumber(environment, numbers[key]),
    read: <Value>(key: keyof typeof texts, reader: (text: string) => Value): Value =>
      readWith(texts[key].name, text(key), reader),
    list: (key: keyof typeof texts) =>
      text(key)
        .split(',')
        .map((each) => each.trim())
        .filter((each) => each !== ''),
  };
}

function readPostgres({ number, read }: Readers): PostgresConfig | null {
  const url = read('databaseUrl', readDatabaseUrl);
  if (url === null) return null;
  return {
    url,
    directUrl: read('databaseDirectUrl', readDatabaseUrl) ?? url,
    hasNamedStatements: read('namedStatements', readSwitch),
    readers: number('postgresReaders'),
    writers: number('postgresWriters'),
    outageMs: number('logOutageMs'),
    redisUrl: read('redisUrl', readRedisUrl),
  };
}

function readProvider({ text, number, read }: Readers, environment: Environment): ProviderConfig {
  const apiKey = read('apiKey', readApiKey);
  return {
    isDemo: apiKey === null && !environment[texts.baseUrl.name]?.trim(),
    ...read('baseUrl', readProviderAddress),
    apiKey,
    keyPageUrl: readKeyPageUrl(text('keyPageUrl'), text('baseUrl')),
    proxies: readProxies(
      (name) => environment[name.toLowerCase()]?.trim() || environment[name]?.trim() || '',
    ),
    appUrl: text('appUrl'),
    appTitle: text('appTitle'),
    maxRetries: number('maxRetries'),
    retryMaxWaitMs: number('retryMaxWaitMs'),
  };
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

/** Errors: throws the reader's sentence, which names the setting and never repeats its value. */
function readWith<Value>(name: string, text: string, reader: (text: string) => Value): Value {
  try {
    return reader(text);
  } catch (cause) {
    throw new Error(`${name} ${cause instanceof Error ? cause.message : 'cannot be read.'}`, { cause });
  }
}

/** Errors: throws one sentence if the text is not an address. */
function readKeyPageUrl(text: string, baseUrl: string): string | null {
  if (text === '') {
    const { hostname } = new URL(readWith(texts.baseUrl.name, baseUrl, readProviderAddress).baseUrl);
    return /^(?:.+\.)?openrouter\.ai$/.test(hostname) ? 'https://openrouter.ai/auth' : null;
  }
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text;
  throw new Error(`${texts.keyPageUrl.name} must be an http or https address.`);
}

/** Errors: throws the end of one sentence. */
function readNodeName(text: string): string | null {
  if (/^[\w.-]{0,63}$/.test(text)) return text === '' ? null : text;
  throw new Error('must be a name of at most 63 letters, digits and . _ -.');
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
  const { problem = null } = chooseProxy(new URL(config.provider.baseUrl), config.provider.proxies) ?? {};
  if (problem !== null && !config.provider.isDemo) throw new Error(problem);
  if (config.provider.basicAuth !== null && config.provider.apiKey !== null) {
    throw new Error(
      `${texts.baseUrl.name} must not have a user or a password when ${texts.apiKey.name} is set: only one of them can sign in.`,
    );
  }
  if (config.runs.firstDeltaTimeoutMs < config.runs.connectTimeoutMs) {
    throw new Error(
      `${numbers.firstDeltaTimeoutMs.name} must not be shorter than ${numbers.connectTimeoutMs.name}.`,
    );
  }
}
