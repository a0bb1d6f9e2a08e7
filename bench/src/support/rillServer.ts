/** Starts Rill in a separate process as a user does, with the bench's provider. It must have been built. */
import { readFileSync } from 'node:fs';
import { inRepository } from '../../../scripts/repositoryRoot.ts';
import { type Child, type ChildOptions, startChild } from './child.ts';

const startScript = inRepository('scripts/start.js');
/** The options that `npm start` passes to Node, such as the size of its heap. */
const startOptions = readFileSync(inRepository('scripts/serve.sh'), 'utf8').match(/--[\w-]+=\S+/g) ?? [];

export interface RillOptions extends Pick<ChildOptions, 'core' | 'nodeOptions'> {
  /** Folder of the database; also the working directory. */
  readonly folder: string;
  readonly upstreamUrl: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: what `npm start` runs. */
  readonly entry?: string;
}

/** The environment in which Rill is measured; everything else has its default. */
const rillEnvironment = (folder: string, upstreamUrl: string) => ({
  RILL_PORT: '0',
  RILL_DATA_DIR: folder,
  RILL_LOG_LEVEL: 'warn',
  RILL_DRAIN_MS: '0',
  RILL_DEFAULT_MODEL: 'bench/stream',
  RILL_MAX_RUNS: '100000',
  RILL_MAX_RUNS_PER_OWNER: '100000',
  OPENROUTER_API_KEY: 'sk-or-v1-bench',
  OPENROUTER_BASE_URL: upstreamUrl,
});

/** Resolves when it listens; `ready` is its address. */
export const startRill = ({
  folder,
  upstreamUrl,
  environment = {},
  entry = startScript,
  nodeOptions = [],
  ...options
}: RillOptions): Promise<Child> =>
  startChild({
    entry,
    nodeOptions: [...startOptions, ...nodeOptions],
    environment: { ...rillEnvironment(folder, upstreamUrl), ...environment },
    workingDirectory: folder,
    readyPattern: /^Rill is ready: (http:\/\/\S+)$/m,
    ...options,
  });

export async function postJson<Answer>(url: string, body: object): Promise<Answer> {
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}
