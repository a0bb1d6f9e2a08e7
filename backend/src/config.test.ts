import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Config, describeSettings, isLoopback, readConfig } from './config.ts';

/** Every number: its name, smallest and largest value, default, and where it is read. */
const numbers: [name: string, min: number, max: number, fallback: number, of: (config: Config) => number][] =
  [
    ['RILL_PORT', 0, 65_535, 3000, (config) => config.port],
    ['RILL_MAX_BODY_BYTES', 1024, 104_857_600, 1_048_576, (config) => config.maxBodyBytes],
    ['RILL_MAX_IMPORT_BYTES', 1024, 1_099_511_627_776, 10_737_418_240, (config) => config.maxImportBytes],
    ['RILL_HEARTBEAT_MS', 10, 20_000, 10_000, (config) => config.heartbeatMs],
    ['RILL_PARKED_LIMIT_MS', 1000, 3_600_000, 60_000, (config) => config.stalledReaderTimeoutMs],
    ['RILL_REQUEST_TIMEOUT_MS', 100, 600_000, 30_000, (config) => config.requestTimeoutMs],
    ['RILL_DRAIN_MS', 0, 3_600_000, 60_000, (config) => config.drainMs],
    ['RILL_MAX_RETRIES', 0, 10, 2, (config) => config.provider.maxRetries],
    ['RILL_RETRY_MAX_WAIT_MS', 0, 600_000, 10_000, (config) => config.provider.retryMaxWaitMs],
    ['RILL_CONNECT_TIMEOUT_MS', 1, 600_000, 10_000, (config) => config.runs.connectTimeoutMs],
    ['RILL_FIRST_DELTA_TIMEOUT_MS', 1, 3_600_000, 90_000, (config) => config.runs.firstDeltaTimeoutMs],
    ['RILL_IDLE_TIMEOUT_MS', 1, 3_600_000, 60_000, (config) => config.runs.idleTimeoutMs],
    ['RILL_RUN_DEADLINE_MS', 1, 86_400_000, 900_000, (config) => config.runs.runDeadlineMs],
    ['RILL_WEB_MAX_CENTS', 1, 100_000, 10, (config) => config.runs.maxWebCostUsd * 100],
    ['RILL_MAX_TOKENS', 16, 1_000_000, 16_384, (config) => config.runs.maxTokens],
    ['RILL_MAX_RUNS_PER_OWNER', 1, 100_000, 20, (config) => config.runs.maxRunsPerOwner],
    ['RILL_MAX_RUNS', 1, 1_000_000, 1000, (config) => config.runs.maxRuns],
    ['RILL_PG_READERS', 1, 100, 6, (config) => config.postgres?.readers ?? 0],
    ['RILL_PG_WRITERS', 1, 100, 6, (config) => config.postgres?.writers ?? 0],
    ['RILL_LOG_OUTAGE_MS', 1000, 600_000, 30_000, (config) => config.postgres?.outageMs ?? 0],
  ];
const texts = [
  'RILL_HOST',
  'RILL_DATA_DIR',
  'RILL_NODE_NAME',
  'RILL_NODE_ADDRESS',
  'DATABASE_URL',
  'RILL_DATABASE_DIRECT_URL',
  'REDIS_URL',
  'RILL_PG_PREPARED',
  'RILL_ACCESS_TOKEN',
  'RILL_ALLOWED_HOSTS',
  'RILL_TRUSTED_PROXIES',
  'RILL_BASE_PATH',
  'RILL_LOG_LEVEL',
  'OPENROUTER_API_KEY',
  'OPENROUTER_BASE_URL',
  'OPENROUTER_KEY_PAGE_URL',
  'RILL_DEFAULT_MODEL',
  'RILL_TITLE_MODEL',
  'RILL_FALLBACK_MODELS',
  'RILL_APP_URL',
  'RILL_APP_TITLE',
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
];
/** Settings under which those of Postgres are read too. */
const shared = { DATABASE_URL: 'postgres://me:secret@db.example/rill', RILL_DATA_DIR: '/shared' };
/** Settings under which the smallest and largest value of any other one can be read. */
const wide = { ...shared, RILL_CONNECT_TIMEOUT_MS: '1', RILL_FIRST_DELTA_TIMEOUT_MS: '3600000' };
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
    expect([of(readConfig(shared)), of(readConfig({ ...shared, [name]: '  ' }))]).toEqual([
      fallback,
      fallback,
    ]);
  });

  it('accepts its smallest and its largest value', () => {
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

describe('the settings that are texts', () => {
  it('have defaults that start a demo on this machine only', () => {
    expect(readConfig({})).toMatchObject({
      host: '127.0.0.1',
      dataDirectory: resolve('data'),
      accessToken: null,
      allowedHosts: [],
      trustedProxies: [],
      basePath: '',
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

  it.each([
    [{}, 'https://openrouter.ai/auth'],
    [{ OPENROUTER_BASE_URL: 'https://eu.openrouter.ai/api/v1' }, 'https://openrouter.ai/auth'],
    [{ OPENROUTER_BASE_URL: 'https://notopenrouter.ai/api/v1' }, null],
    [{ OPENROUTER_BASE_URL: 'http://localhost:11434/v1' }, null],
    [{ OPENROUTER_KEY_PAGE_URL: 'https://llm.example/auth' }, 'https://llm.example/auth'],
  ])('with %j the page that makes keys is %s', (environment, keyPageUrl) => {
    expect(readConfig(environment).provider.keyPageUrl).toBe(keyPageUrl);
  });

  it('refuse a page that makes keys and is none', () => {
    expect(refusal({ OPENROUTER_KEY_PAGE_URL: 'javascript:alert(1)' })).toBe(
      'OPENROUTER_KEY_PAGE_URL must be an http or https address.',
    );
  });

  it.each(['ftp://localhost', 'two words', 'http://', 'javascript:alert(1)'])(
    'refuse the provider address %s',
    (address) => {
      expect(refusal({ OPENROUTER_BASE_URL: address })).toBe(
        'OPENROUTER_BASE_URL must be an http or https address.',
      );
    },
  );

  it('split the provider address into its parts, and trim a pasted key', () => {
    const read = (environment: Record<string, string>) => readConfig(environment).provider;
    expect(
      read({ OPENROUTER_BASE_URL: '"https://me:p%40ss@llm.example/v1/chat/completions?api-version=1"' }),
    ).toMatchObject({ baseUrl: 'https://llm.example/v1', query: '?api-version=1', basicAuth: 'me:p@ss' });
    expect(read({ OPENROUTER_API_KEY: 'Bearer sk-or-v1-abc\n' })).toMatchObject({ apiKey: 'sk-or-v1-abc' });
    expect(read({ OPENROUTER_API_KEY: '""' }).isDemo).toBe(true);
  });

  it('refuse a fragment and two kinds of credentials at once, without repeating them', () => {
    expect(refusal({ OPENROUTER_BASE_URL: 'http://localhost/v1#secret' })).toBe(
      'OPENROUTER_BASE_URL must not have a part after a # sign.',
    );
    expect(
      refusal({ OPENROUTER_BASE_URL: 'http://me:secret@localhost/v1', OPENROUTER_API_KEY: 'sk-secret' }),
    ).toBe(
      'OPENROUTER_BASE_URL must not have a user or a password when OPENROUTER_API_KEY is set: only one of them can sign in.',
    );
  });

  it('read the proxy variables in either case, and refuse one that would be used but is invalid', () => {
    const variables = { https_proxy: 'http://proxy.lan:3128', NO_PROXY: 'x.example, localhost' };
    expect(readConfig(variables).provider.proxies).toEqual({
      https: { origin: 'http://proxy.lan:3128', basicAuth: null, problem: null },
      http: null,
      noProxy: ['x.example', 'localhost'],
    });
    const socks = { ALL_PROXY: 'socks5://secret@proxy.lan:1080', OPENROUTER_API_KEY: 'key' };
    expect(refusal(socks)).toMatch(/^ALL_PROXY must be an HTTP proxy: .*\.$/);
    expect(refusal({ ...socks, NO_PROXY: 'openrouter.ai' })).toBe('');
    expect(refusal({ ...socks, HTTPS_PROXY: 'http://proxy.lan:3128' })).toBe('');
    expect(refusal({ ALL_PROXY: socks.ALL_PROXY })).toBe('');
  });

  it('refuse a log level that does not exist', () => {
    expect(refusal({ RILL_LOG_LEVEL: 'loud' })).toBe(
      'RILL_LOG_LEVEL must be one of trace, debug, info, warn, error, silent.',
    );
  });
});

describe('the settings of the network', () => {
  it.each([
    ['chat.example.com', 'chat.example.com'],
    ['Chat.Example.COM.', 'chat.example.com'],
    ['chat.example.com:8443', 'chat.example.com:8443'],
    ['chat.example.com:443', 'chat.example.com:443'],
    ['https://chat.example.com/', 'chat.example.com'],
    ['http://chat.lan:8080/rill', 'chat.lan:8080'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['rill_1', 'rill_1'],
    ['[2001:DB8::0:1]:3000', '[2001:db8::1]:3000'],
  ])('read the host %s as %s', (text, host) => {
    expect(readConfig({ RILL_ALLOWED_HOSTS: text }).allowedHosts).toEqual([host]);
  });

  it.each([
    '*.example.com',
    'a b',
    'chat.example.com:99999',
    'user@chat.example.com',
    '://',
    'chat..example',
  ])('refuse %j as a host', (text) => {
    expect(refusal({ RILL_ALLOWED_HOSTS: text })).toBe(
      `RILL_ALLOWED_HOSTS has "${text}", which is no host name such as chat.example.com.`,
    );
  });

  it.each([
    ['/', ''],
    ['chat', '/chat'],
    ['/chat', '/chat'],
    ['/chat/', '/chat'],
    ['//a//b.c/', '/a/b.c'],
  ])('read the base path %s as "%s"', (text, path) => {
    expect(readConfig({ RILL_BASE_PATH: text }).basePath).toBe(path);
  });

  it.each(['/a b', '/ü', '/a/../b', '/.', 'https://chat.example.com/x', '/a?b', '/%20'])(
    'refuse the base path %j',
    (text) => {
      expect(refusal({ RILL_BASE_PATH: text })).toMatch(/^RILL_BASE_PATH must be a path such as \/chat/);
    },
  );

  it.each(['/api', 'assets/x'])('refuse a base path that Rill uses itself: %s', (text) => {
    expect(refusal({ RILL_BASE_PATH: text })).toMatch(
      /^RILL_BASE_PATH must not begin with \/(api|assets)\.$/,
    );
  });

  it('accept only addresses, networks and names of proxies', () => {
    const trusted = 'loopback, 10.0.0.0/8, 192.168.1.2,fd00::/8, ::1';
    expect(readConfig({ RILL_TRUSTED_PROXIES: trusted }).trustedProxies).toHaveLength(5);
    for (const wrong of ['proxy.example', '10.0.0.0/64', 'true', '1', '*']) {
      expect(refusal({ RILL_TRUSTED_PROXIES: wrong }), wrong).toMatch(
        /^RILL_TRUSTED_PROXIES has ".+", which is no/,
      );
    }
  });
});

describe('the address for other nodes', () => {
  it.each([
    ['', null],
    ['10.0.0.5', { host: '10.0.0.5', port: null }],
    ['Node1.internal:3000', { host: 'node1.internal', port: 3000 }],
    ['[FD00::5]:80', { host: 'fd00::5', port: 80 }],
  ])('is read: "%s"', (text, expected) => {
    expect(readConfig({ RILL_NODE_ADDRESS: text }).nodeAddress).toEqual(expected);
  });

  it.each(['http://node1:3000', 'node1:0', 'node1:70000', 'a b'])(
    'is refused when it is none: %s',
    (text) => {
      expect(() => readConfig({ RILL_NODE_ADDRESS: text })).toThrow(
        'RILL_NODE_ADDRESS must be a host with or without a port',
      );
    },
  );
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

  it('allow every local address without a token', () => {
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

  it('refuse a limit for the first delta that is shorter than that for the connection', () => {
    expect(refusal({ RILL_CONNECT_TIMEOUT_MS: '2000', RILL_FIRST_DELTA_TIMEOUT_MS: '1999' })).toBe(
      'RILL_FIRST_DELTA_TIMEOUT_MS must not be shorter than RILL_CONNECT_TIMEOUT_MS.',
    );
  });
});

describe('the settings of Postgres', () => {
  it('are read only with its address', () => {
    expect(readConfig({ RILL_PG_READERS: '3' }).postgres).toBeNull();
    expect(readConfig({ ...shared, RILL_PG_PREPARED: 'off' }).postgres).toEqual({
      url: shared.DATABASE_URL,
      directUrl: shared.DATABASE_URL,
      hasNamedStatements: false,
      readers: 6,
      writers: 6,
      outageMs: 30_000,
      redisUrl: null,
    });
    const directUrl = 'postgresql://db.example:6432/rill';
    expect(readConfig({ ...shared, RILL_DATABASE_DIRECT_URL: directUrl }).postgres).toMatchObject({
      directUrl,
    });
  });

  it('take a Redis by its address, and refuse another address without repeating it', () => {
    const redisUrl = 'rediss://:secret@cache.example:6380/1';
    expect(readConfig({ ...shared, REDIS_URL: redisUrl }).postgres).toMatchObject({ redisUrl });
    expect(refusal({ ...shared, REDIS_URL: 'https://secret.example' })).toBe(
      'REDIS_URL must be an address such as redis://host:6379.',
    );
  });

  it('refuse a folder that was not chosen, because all nodes must share it', () => {
    expect(refusal({ DATABASE_URL: shared.DATABASE_URL })).toBe(
      'DATABASE_URL is set: set RILL_DATA_DIR too, to a folder that all nodes share, for files.',
    );
  });

  it.each([
    'postgres:///rill?host=/run/postgresql',
    'postgres://me@[::1]:5432/rill',
    'postgres://%2Frun%2Fpg/rill',
  ])('take the address %s', (url) => {
    expect(readConfig({ ...shared, DATABASE_URL: url }).postgres).toMatchObject({ url });
  });

  it.each(['mysql://db.example/rill', 'db.example', 'postgres://', 'postgres:///rill', 'secret'])(
    'refuse the address %s without repeating it',
    (url) => {
      expect(refusal({ ...shared, DATABASE_URL: url })).toBe(
        'DATABASE_URL must be an address such as postgres://user:password@host:5432/rill.',
      );
    },
  );
});

it('never repeat a secret in the message about an invalid setting', () => {
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

it('appear in the help, each with its default, and each number with its range', () => {
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
