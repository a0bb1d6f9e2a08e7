/** Starts a server repeatedly, and measures each start from the spawn to the first answer. */
import { startChild } from '../support/child.ts';
import { serverCore } from '../support/cores.ts';
import { cpuUs, residentBytes } from '../support/processFigures.ts';
import { startRill } from '../support/rillServer.ts';
import { readStream } from '../support/timedRequest.ts';

export interface Start {
  readonly listeningMs: number;
  /** Time from the start of the process; the request is sent when the server listens. */
  readonly firstTextMs: number;
  readonly cpuToListenMs: number;
  /** Measured a second after the server listens. */
  readonly idleRssMb: number;
  readonly answeredRssMb: number;
}

export interface Starter {
  readonly name: string;
  readonly label: string;
  start(): Promise<Start>;
}

const idleMs = 1000;

/** Starts Rill. `chatPath` is an empty chat in the folder's database. */
export function rillStarter(
  name: string,
  label: string,
  options: {
    readonly folder: string;
    readonly upstreamUrl: string;
    readonly chatPath: string;
    readonly entry?: string;
    readonly environment?: Readonly<Record<string, string>>;
  },
): Starter {
  const { chatPath, ...rillOptions } = options;
  return {
    name,
    label,
    start: () =>
      watch(
        () => startRill({ ...rillOptions, ...serverCore }),
        (url) =>
          readStream(`${url}${chatPath}/messages/stream`, {
            body: '{"content":"Hello"}',
            isCaughtUp: ({ contentLength }) => contentLength > 0,
          }),
      ),
  };
}

/** Starts the lower bound: Node, one HTTP server, and the provider's bytes unchanged. */
export const pipeStarter = (upstreamUrl: string): Starter => ({
  name: 'pipe',
  label: 'node:http byte pipe (floor)',
  start: () =>
    watch(
      () =>
        startChild({
          entry: 'relay/peers/bytePipe.ts',
          environment: { UPSTREAM_URL: upstreamUrl },
          ...serverCore,
        }),
      async (url) => {
        await (await fetch(url, { method: 'POST', body: '{}' })).text();
      },
    ),
});

async function watch(
  start: () => ReturnType<typeof startChild>,
  ask: (url: string) => Promise<unknown>,
): Promise<Start> {
  const startMs = performance.now();
  const child = await start();
  try {
    const listeningMs = performance.now() - startMs;
    const cpuToListenMs = cpuUs(child.pid) / 1000;
    await ask(child.ready);
    const firstTextMs = performance.now() - startMs;
    const answeredRssMb = residentBytes(child.pid) / 1e6;
    await child.stop();
    return { listeningMs, firstTextMs, cpuToListenMs, answeredRssMb, idleRssMb: await measureIdle(start) };
  } finally {
    await child.stop();
  }
}

/** Measures idle memory in a separate start, without any request. */
async function measureIdle(start: () => ReturnType<typeof startChild>): Promise<number> {
  const child = await start();
  try {
    await new Promise((resolve) => setTimeout(resolve, idleMs));
    return residentBytes(child.pid) / 1e6;
  } finally {
    await child.stop();
  }
}
