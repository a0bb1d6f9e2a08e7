/** Provides the tests of this stage with a service on a fake clock, and with helpers that read a stream. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { FakeClock } from '../../test/fakeClock.ts';
import { noProxies } from './http/chooseProxy.ts';
import {
  createLlmService,
  LlmFailure,
  type LlmPart,
  type LlmRequest,
  type LlmResult,
  type LlmService,
  type LlmServiceOptions,
} from './llmService.ts';
import type { FormMemory } from './requestForms.ts';

/** Nothing outlives the service. */
export const noFormMemory: FormMemory = { kept: [], save: () => undefined, forget: () => undefined };

/** Has the shape of no known key, so that only its own value can be recognised. */
export const testKey = 'provider-key-0123456789abcdef0123456789abcdef';

export interface TestBench {
  readonly clock: FakeClock;
  readonly service: LlmService;
  readonly warnings: Readonly<Record<string, unknown>>[];
}

export function createTestBench(baseUrl: string, options: Partial<LlmServiceOptions> = {}): TestBench {
  const clock = new FakeClock();
  const warnings: Readonly<Record<string, unknown>>[] = [];
  const service = createLlmService({
    baseUrl,
    query: '',
    basicAuth: null,
    apiKey: testKey,
    appUrl: 'https://rill.example',
    appTitle: 'Rill',
    maxRetries: 0,
    retryMaxWaitMs: 10_000,
    clock,
    random: () => 0,
    formMemory: noFormMemory,
    proxies: noProxies,
    onWarning: (fields) => warnings.push(fields),
    ...options,
  });
  return { clock, service, warnings };
}

export function requestFor(model: string, fields: Partial<LlmRequest> = {}): LlmRequest {
  return {
    model,
    messages: [{ role: 'user', content: 'Hello' }],
    maxTokens: 1000,
    sessionId: 'chat-1',
    timeouts: { connectMs: 10_000, firstDeltaMs: 90_000, idleMs: 60_000 },
    ...fields,
  };
}

/** A stream read to its end, however it ended. */
export interface Collected {
  readonly parts: LlmPart[];
  readonly content: string;
  readonly reasoning: string;
  readonly result: LlmResult | null;
  /** What was thrown, if anything. */
  readonly thrown: unknown;
}

/** Reads a stream to its end; `onPart` sees each part as it comes. */
export async function collect(
  stream: AsyncIterable<LlmPart>,
  onPart: (part: LlmPart) => void = () => undefined,
): Promise<Collected> {
  const parts: LlmPart[] = [];
  let thrown: unknown = null;
  try {
    for await (const part of stream) {
      parts.push(part);
      onPart(part);
    }
  } catch (error) {
    thrown = error;
  }
  const join = (type: 'content' | 'reasoning') =>
    parts.map((part) => (part.type === type ? part.text : '')).join('');
  const last = parts.at(-1);
  const result = last?.type === 'end' ? last.result : null;
  return { parts, content: join('content'), reasoning: join('reasoning'), result, thrown };
}

/** The failure that a stream ended with. Errors: when it ended in another way. */
export function failureOf({ thrown }: Collected): LlmFailure {
  if (thrown instanceof LlmFailure) return thrown;
  throw new Error('The stream did not end with an LlmFailure.', { cause: thrown });
}

/** Lets the event loop turn until the condition holds. */
export async function turnUntil(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate();
}

/** A stream that moves the clock as soon as a timer waits, so that its first wait runs out. */
export async function collectPastWait(
  bench: TestBench,
  stream: AsyncIterable<LlmPart>,
  byMs: number,
): Promise<Collected> {
  const collected = collect(stream);
  await turnUntil(() => bench.clock.pendingTimers > 0);
  bench.clock.advance(byMs);
  return await collected;
}

export interface LocalServer {
  readonly url: string;
  readonly server: Server;
  close(): Promise<void>;
}

/** A bare HTTP server, for answers that the simulator does not give. */
export async function startLocalServer(listener: RequestListener): Promise<LocalServer> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${portOf(server)}/api/v1`, server, close: () => closeServer(server) };
}

export function portOf(server: Pick<Server, 'address'>): number {
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
