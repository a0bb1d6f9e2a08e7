/**
 * One HTTP exchange with the provider, from the request to the end of its body. It ends by one cause: the caller's
 * signal, a limit of ours, a broken connection, or its end; after `close` no timer, listener or socket is left.
 */
import { type ErrorCode, errorTable } from '@rill/protocol';
import type { Clock } from '../clock.ts';
import type { ProviderCall, ProviderConnection, ProviderResponse } from './providerConnection.ts';
import type { ResponseBody } from './responseBody.ts';
import { WaitLimit } from './waitLimit.ts';

/** A limit of ours ended the exchange. Stays inside the stage. */
export class WaitExpired extends Error {
  readonly code: ErrorCode;

  /** The message says what was waited for and how long, and is safe to show. */
  constructor(code: ErrorCode, limitMs: number) {
    super(sentenceOf(code, limitMs < 1000 ? `${limitMs} ms` : `${Math.round(limitMs / 1000)} s`));
    this.code = code;
  }
}

function sentenceOf(code: ErrorCode, limit: string): string {
  if (code === 'idle_timeout') return `No data from the model for ${limit}.`;
  if (code === 'first_delta_timeout') return `The model did not start answering within ${limit}.`;
  return errorTable[code].sentence;
}

/** The connection failed or broke. Stays inside the stage. */
export class ConnectionBroken extends Error {}

export interface ExchangeLimits {
  /** Milliseconds until the connection stands. Past it: connect_timeout. */
  readonly connectMs: number;
  /** Milliseconds of waiting, connecting included, until `setLimit` sets another limit. */
  readonly answerMs: number;
  /** Code when `answerMs` are over. */
  readonly answerCode: ErrorCode;
}

/** The body is read no further although nothing is wrong. */
const abandoned = Symbol('abandoned');

/** Every method throws exactly the reason of an aborted signal, else WaitExpired, else ConnectionBroken. */
export class ProviderExchange {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #limit: WaitLimit;
  readonly #forwardAbort = () => this.#controller.abort(this.#signal.reason);
  #body: ResponseBody | null = null;
  #isEnded = false;

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
    this.#limit = new WaitLimit(clock);
    if (signal.aborted) this.#forwardAbort();
    else signal.addEventListener('abort', this.#forwardAbort, { once: true });
  }

  /** Sends the request; resolves with the head of the response. The body is read by `read` only. */
  async open(
    connection: ProviderConnection,
    call: Omit<ProviderCall, 'signal' | 'onConnected'>,
    limits: ExchangeLimits,
  ): Promise<Pick<ProviderResponse, 'statusCode' | 'headers'>> {
    const { signal } = this.#controller;
    signal.throwIfAborted();
    this.setLimit(limits.answerMs, limits.answerCode);
    const onConnected = this.#clock.schedule(limits.connectMs, () =>
      this.#expire('connect_timeout', limits.connectMs),
    );
    this.#limit.begin();
    try {
      const sent = connection.send({ ...call, signal, onConnected });
      const { statusCode, headers, body } = await rejectOnAbort(sent, signal);
      this.#body = body;
      return { statusCode, headers };
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#limit.end();
      onConnected();
    }
  }

  /** The next bytes; null at the end of the body; undefined while there are none. At most 64 KiB wait here. */
  take(): Uint8Array | null | undefined {
    this.#limit.end();
    if (this.#body === null || this.#isEnded) return null;
    try {
      this.#controller.signal.throwIfAborted();
      const bytes = this.#body.take();
      if (bytes === null) this.#isEnded = true;
      return bytes;
    } catch (error) {
      if (this.#controller.signal.reason === abandoned) return null;
      this.#fail(error);
    }
  }

  /** Resolves, at the latest when the limit is over, as soon as `take` has something to say. */
  arrival(): Promise<void> {
    this.#limit.begin();
    return this.#body?.arrival() ?? Promise.resolve();
  }

  /** The rest of the body as text; null when it is longer than `maxBytes`. */
  async readText(maxBytes: number): Promise<string | null> {
    const pieces: Uint8Array[] = [];
    let byteCount = 0;
    for (;;) {
      const bytes = this.take();
      if (bytes === null) break;
      if (bytes === undefined) {
        await this.arrival();
        continue;
      }
      pieces.push(bytes);
      byteCount += bytes.length;
      if (byteCount > maxBytes) return null;
    }
    return new TextDecoder().decode(Buffer.concat(pieces));
  }

  /** From now on waiting longer than this, in milliseconds, ends the exchange with `code`. */
  setLimit(limitMs: number, code: ErrorCode): void {
    this.#limit.set(limitMs, () => this.#expire(code, limitMs));
  }

  /** Grants the whole current limit again. */
  renewLimit(): void {
    this.#limit.renew();
  }

  /** From now on waiting longer than this just ends the body. */
  endWithin(limitMs: number): void {
    this.#limit.set(limitMs, () => this.#controller.abort(abandoned));
  }

  /** Throws if the exchange was ended while nobody waited for it. */
  throwIfEnded(): void {
    if (this.#controller.signal.aborted) this.#fail(this.#controller.signal.reason);
  }

  /** Destroys the socket, unless the body has ended and the socket can serve the next exchange. */
  close(): void {
    this.#signal.removeEventListener('abort', this.#forwardAbort);
    this.#limit.close();
    if (!this.#isEnded) this.#controller.abort(abandoned);
  }

  #expire(code: ErrorCode, limitMs: number): void {
    this.#controller.abort(new WaitExpired(code, limitMs));
  }

  #fail(error: unknown): never {
    if (this.#signal.aborted) throw this.#signal.reason;
    if (this.#controller.signal.reason instanceof WaitExpired) throw this.#controller.signal.reason;
    throw new ConnectionBroken('The connection to the provider broke.', { cause: error });
  }
}

/** undici notices an abort only once the request has a socket. */
async function rejectOnAbort<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
