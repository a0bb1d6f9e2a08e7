/**
 * Runs one HTTP exchange with the provider, from the request to the end of the body. It ends for one cause: the caller's
 * signal, a timeout, a broken connection, or the end of the body. After `close` no timer, listener or socket is left.
 */
import { type ErrorCode, errorTable } from '@rill/protocol';
import type { Clock } from '../../clock.ts';
import { CallEnding } from './callEnding.ts';
import { codingOfStart, type DecodedBody, decodeBody } from './contentDecoding.ts';
import {
  headerReader,
  type ProviderCall,
  type ProviderConnection,
  type ProviderResponse,
} from './providerConnection.ts';
import type { ResponseBody } from './responseBody.ts';
import { WaitLimit } from './waitLimit.ts';

/** One of our timeouts ended the exchange. Stays inside the stage. */
export class WaitExpired extends Error {
  readonly code: ErrorCode;

  /** The message names what was waited for, and how long; it is safe to show. */
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
  /** Time to connect, in milliseconds. Past it: connect_timeout. */
  readonly connectMs: number;
  /** Time to wait, including the connection, in milliseconds, until `setLimit` sets another limit. */
  readonly answerMs: number;
  /** Code of the failure after `answerMs`. */
  readonly answerCode: ErrorCode;
}

/** Abort reason for a body that is not read further although nothing failed. */
const abandoned = Symbol('abandoned');

/** Every method throws exactly the reason of an aborted signal, else WaitExpired, else ConnectionBroken. */
export class ProviderExchange {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #ending = new CallEnding();
  readonly #limit: WaitLimit;
  readonly #forwardAbort = () => this.#ending.end(this.#signal.reason);
  #body: ResponseBody | null = null;
  #decoded: DecodedBody | null = null;
  #hasStarted = false;
  #isEnded = false;

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
    this.#limit = new WaitLimit(clock);
    if (signal.aborted) this.#forwardAbort();
    else signal.addEventListener('abort', this.#forwardAbort, { once: true });
  }

  /** Sends the request; resolves with the head of the response. The body is read with `read`. */
  async open(
    connection: ProviderConnection,
    call: Omit<ProviderCall, 'ending' | 'onConnected'>,
    limits: ExchangeLimits,
  ): Promise<Pick<ProviderResponse, 'statusCode' | 'headers'>> {
    const ending = this.#ending;
    ending.throwIfEnded();
    this.setLimit(limits.answerMs, limits.answerCode);
    const onConnected = this.#clock.schedule(limits.connectMs, () =>
      this.#expire('connect_timeout', limits.connectMs),
    );
    this.#limit.begin();
    try {
      const { statusCode, headers, body } = await connection.send({ ...call, ending, onConnected });
      this.#body = body;
      this.#decode(body, headerReader(headers)('content-encoding'));
      return { statusCode, headers };
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#limit.end();
      onConnected();
    }
  }

  /** The next bytes; null at the end of the body; undefined while there are none. At most 64 KiB are buffered. */
  read(): Uint8Array | null | undefined {
    this.#limit.end();
    if (this.#body === null || this.#isEnded) return null;
    try {
      this.#ending.throwIfEnded();
      const bytes = this.#body.read();
      if (bytes === null) this.#isEnded = true;
      return bytes && !this.#hasStarted ? this.#readFirst(this.#body, bytes) : bytes;
    } catch (error) {
      if (this.#ending.reason === abandoned) return null;
      this.#fail(error);
    }
  }

  /** Recognises a compressed body by its first bytes when the headers do not name the coding. */
  #readFirst(body: ResponseBody, bytes: Uint8Array): Uint8Array | undefined {
    this.#hasStarted = true;
    const coding = this.#decoded ? null : codingOfStart(bytes);
    if (coding === null) return bytes;
    body.putBack(bytes);
    this.#decode(body, coding);
    return undefined;
  }

  #decode(body: ResponseBody, encoding: string | null): void {
    this.#decoded = decodeBody(body, encoding);
    this.#body = this.#decoded?.body ?? body;
  }

  /** Resolves as soon as `read` has something to return, or the limit has expired. */
  whenReadable(): Promise<void> {
    this.#limit.begin();
    return this.#body?.whenReadable() ?? Promise.resolve();
  }

  /** The rest of the body as text; null when it is longer than `maxBytes`. `onHeld` may throw to end the exchange. */
  async readText(maxBytes: number, onHeld?: (byteCount: number) => void): Promise<string | null> {
    const chunks: Uint8Array[] = [];
    let byteCount = 0;
    for (;;) {
      const bytes = this.read();
      if (bytes === null) break;
      if (bytes === undefined) {
        await this.whenReadable();
        continue;
      }
      chunks.push(bytes);
      byteCount += bytes.length;
      if (byteCount > maxBytes) return null;
      onHeld?.(byteCount);
    }
    return new TextDecoder().decode(Buffer.concat(chunks));
  }

  /** From now on, a longer wait ends the exchange with `code`. */
  setLimit(limitMs: number, code: ErrorCode): void {
    this.#limit.set(limitMs, () => this.#expire(code, limitMs));
  }

  /** Starts the current limit in full again. */
  renewLimit(): void {
    this.#limit.renew();
  }

  /** From now on, a longer wait just ends the body. */
  endWithin(limitMs: number): void {
    this.#limit.set(limitMs, () => this.#ending.end(abandoned));
  }

  /** Throws if the exchange was ended while the caller did not wait for it. */
  throwIfEnded(): void {
    if (this.#ending.isEnded) this.#fail(this.#ending.reason);
  }

  /** Destroys the socket, unless the body has ended and the socket can be reused. */
  close(): void {
    this.#signal.removeEventListener('abort', this.#forwardAbort);
    this.#limit.close();
    if (!this.#isEnded) this.#ending.end(abandoned);
    this.#decoded?.close();
  }

  #expire(code: ErrorCode, limitMs: number): void {
    this.#ending.end(new WaitExpired(code, limitMs));
  }

  #fail(error: unknown): never {
    if (this.#signal.aborted) throw this.#signal.reason;
    if (this.#ending.reason instanceof WaitExpired) throw this.#ending.reason;
    throw new ConnectionBroken('The connection to the provider broke.', { cause: error });
  }
}
