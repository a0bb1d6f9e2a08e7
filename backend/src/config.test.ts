import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Config, describeSettings, isLoopback, readConfig } from './config.ts';

/** Every number: its name, smallest and largest value, default, and where it is read. */
const numbers: [name: string, min: number, max: number, fallback: number, of: (config: Config) => number][] =
  [
    ['RILL_PORT', 0, 65_535, 3000, (config) => config.port],
    ['RILL_MAX_BODY_BYTES', 1024, 104_857_600, 1_048_576, (config) => config.maxBodyBytes],
    ['RILL_HEARTBEAT_MS', 10, 20_000, 10_000, (config) => config.heartbeatMs],
    ['RILL_PARKED_LIMIT_MS', 1000, 3_600_000, 60_000, (config) => config.parkedLimitMs],
    ['RILL_DRAIN_MS', 0, 3_600_000, 60_000, (config) => config.drainMs],
    ['RILL_MAX_RETRIES', 0, 10, 2, (config) => config.provider.maxRetries],
    ['RILL_RETRY_MAX_WAIT_MS', 0, 600_000, 10_000, (config) => config.provider.retryMaxWaitMs],
    ['RILL_CONNECT_TIMEOUT_MS', 1, 600_000, 10_000, (config) => config.runs.connectTimeoutMs],
    ['RILL_FIRST_DELTA_TIMEOUT_MS', 1, 3_600_000, 90_000, (config) => config.runs.firstDeltaTimeoutMs],
    ['RILL_IDLE_TIMEOUT_MS', 1, 3_600_000, 60_000, (config) => config.runs.idleTimeoutMs],
    ['RILL_RUN_DEADLINE_MS', 1, 86_400_000, 900_000, (config) => config.runs.runDeadlineMs],
    ['RILL_MAX_TOKENS', 16, 1_000_000, 16_384, (config) => config.runs.maxTokens],
    ['RILL_MAX_RUNS_PER_OWNER', 1, 100_000, 20, (config) => config.runs.maxRunsPerOwner],
    ['RILL_MAX_RUNS', 1, 1_000_000, 1000, (config) => config.runs.maxRuns],
  ];
const texts = [
  'RILL_HOST',
  'RILL_DATA_DIR',
  'RILL_ACCESS_TOKEN',
  'RILL_ALLOWED_HOSTS',
  'RILL_LOG_LEVEL',
  'OPENROUTER_API_KEY',
  'OPENROUTER_BASE_URL',
  'RILL_DEFAULT_MODEL',
  'RILL_FALLBACK_MODELS',
  'RILL_APP_URL',
  'RILL_APP_TITLE',
];
/** Settings under which the smallest and largest value of any other one can be read. */
const wide = { RILL_CONNECT_TIMEOUT_MS: '1', RILL_FIRST_DELTA_TIMEOUT_MS: '3600000' };
const token = 'a-secret-of-good-length';

const refusal = (environment: Record<string, string>): string => {
  try {
    readConfig(environment);
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return '';
};

describe.each(numbers)('%s', (name, min, max, fallback, of) => {
  it('has its default when it is missing or blank', () => {
    expect([of(readConfig({})), of(readConfig({ [name]: '  ' }))]).toEqual([fallback, fallback]);
  });

  it('takes its smallest and its largest value', () => {
    expect(of(readConfig({ ...wide, [name]: String(min) }))).toBe(min);
    expect(of(readConfig({ ...wide, [name]: ` ${max} ` }))).toBe(max);
  });

  it.each([String(min - 1), String(max + 1), '1.5', 'many', '10s', 'NaN', 'Infinity', '1_000'])(
    'refuses %j with its name and its range, and nothing else',
    (value) => {
      expect(refusal({ ...wide, [name]: value })).toBe(
        `${name} must be a whole number from ${min} to ${max}.`,
      );
    },
  );
});

describe('the texts', () => {
  it('have defaults that start a demo on this machine only', () => {
    expect(readConfig({})).toMatchObject({
      host: '127.0.0.1',
      dataDirectory: resolve('data'),
      accessToken: null,
      allowedHosts: [],
      logLevel: 'info',
      provider: { isDemo: true, baseUrl: 'https://openrouter.ai/api/v1', apiKey: null },
      runs: { defaultModel: null, fallbackModels: [] },
    });
  });

  it('are trimmed, and lists are split', () => {
    const config = readConfig({
      OPENROUTER_API_KEY: ' key ',
      OPENROUTER_BASE_URL: ' http://localhost:11434/v1// ',
      RILL_DEFAULT_MODEL: ' a/one ',
      RILL_FALLBACK_MODELS: ' b/two , ,c/three,',
      RILL_ALLOWED_HOSTS: 'Chat.Example.com, rill.local ',
      RILL_DATA_DIR: ' /var/rill/ ',
    });
    expect(config).toMatchObject({
      dataDirectory: '/var/rill',
      allowedHosts: ['chat.example.com', 'rill.local'],
      provider: { apiKey: 'key', baseUrl: 'http://localhost:11434/v1' },
      runs: { defaultModel: 'a/one', fallbackModels: ['b/two', 'c/three'] },
    });
  });

  it.each([
    [{}, true],
    [{ OPENROUTER_API_KEY: '  ' }, true],
    [{ OPENROUTER_API_KEY: 'key' }, false],
    [{ OPENROUTER_BASE_URL: 'http://localhost:11434/v1' }, false],
  ])('with %j the demo answers: %s', (environment, isDemo) => {
    expect(readConfig(environment).provider.isDemo).toBe(isDemo);
  });

  it.each(['ftp://localhost', 'openrouter.ai/api/v1', 'http://', 'javascript:alert(1)'])(
    'refuse the provider address %s',
    (address) => {
      expect(refusal({ OPENROUTER_BASE_URL: address })).toBe(
        'OPENROUTER_BASE_URL must be an http or https address.',
      );
    },
  );

  it('refuse a log level that does not exist', () => {
    expect(refusal({ RILL_LOG_LEVEL: 'loud' })).toBe(
      'RILL_LOG_LEVEL must be one of trace, debug, info, warn, error, silent.',
    );
  });
});

describe('settings that belong together', () => {
  it('refuse an address that others can reach without a token, in one sentence', () => {
    for (const host of [
      '0.0.0.0',
      '::',
      '192.168.1.5',
      'chat.example.com',
      '128.0.0.1',
      '127.evil.example',
    ]) {
      expect(refusal({ RILL_HOST: host })).toBe(
        `RILL_HOST is ${host}, which others can reach: set RILL_ACCESS_TOKEN first.`,
      );
      expect(readConfig({ RILL_HOST: host, RILL_ACCESS_TOKEN: token }).host).toBe(host);
    }
  });

  it('allow every address of this machine without a token', () => {
    for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '::1']) {
      expect([readConfig({ RILL_HOST: host }).host, isLoopback(host)]).toEqual([host, true]);
    }
  });

  it('refuse a token that is easy to guess, at 15 characters and not at 16', () => {
    expect(refusal({ RILL_ACCESS_TOKEN: 'a'.repeat(15) })).toBe(
      'RILL_ACCESS_TOKEN must have at least 16 characters.',
    );
    expect(readConfig({ RILL_ACCESS_TOKEN: 'a'.repeat(16) }).accessToken).toHaveLength(16);
  });

  it('refuse a first delta that may come before the connection', () => {
    expect(refusal({ RILL_CONNECT_TIMEOUT_MS: '2000', RILL_FIRST_DELTA_TIMEOUT_MS: '1999' })).toBe(
      'RILL_FIRST_DELTA_TIMEOUT_MS must not be shorter than RILL_CONNECT_TIMEOUT_MS.',
    );
  });
});

it('no message of a wrong setting repeats a secret', () => {
  const secrets = { RILL_ACCESS_TOKEN: 'too-short', OPENROUTER_API_KEY: 'sk-or-v1-secret' };
  const wrong = [
    secrets,
    { ...secrets, RILL_ACCESS_TOKEN: token, RILL_PORT: 'sk-or-v1-secret' },
    { ...secrets, RILL_ACCESS_TOKEN: token, OPENROUTER_BASE_URL: `ftp://me:${token}@example.com` },
    { ...secrets, RILL_ACCESS_TOKEN: token, RILL_LOG_LEVEL: 'sk-or-v1-secret' },
  ];
  for (const environment of wrong) {
    const message = refusal(environment);
    expect(message).toMatch(/^[A-Z_]+ must .*\.$/);
    for (const secret of ['too-short', 'sk-or-v1-secret', token]) expect(message).not.toContain(secret);
  }
});

it('the help names every setting with its default, and every number with its range', () => {
  const help = describeSettings();
  expect(
    help
      .match(/^ {2}[A-Z_]+$/gm)
      ?.map((line) => line.trim())
      .sort(),
  ).toEqual([...texts, ...numbers.map(([name]) => name)].sort());
  for (const [name, min, max, fallback] of numbers) {
    expect(help).toMatch(new RegExp(`^  ${name}\n.*${min} to ${max}\\. Default: ${fallback}\\.$`, 'm'));
  }
});
