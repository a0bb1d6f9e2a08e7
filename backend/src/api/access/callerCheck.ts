/** Checks who calls when an access token is set: an open session, or the token itself, whose guesses are limited. */
import { isIP } from 'node:net';
import { RillError } from '@rill/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../clock.ts';
import type { StoreAccess } from '../../store/storeAccess.ts';
import { BrowserSessions } from './browserSessions.ts';
import { SignInRateLimit } from './signInRateLimit.ts';
import { visitorAddress } from './visitor.ts';

export interface CallerCheckOptions {
  readonly database: StoreAccess;
  /** The user of everyone who signs in. */
  readonly ownerId: string;
  readonly clock: Clock;
  /** Base path of the page, for the cookies; '' is the root. */
  readonly basePath: string;
}

export class CallerCheck {
  readonly sessions: BrowserSessions;
  readonly #clock: Clock;
  readonly #guesses: SignInRateLimit;

  constructor(accessToken: string, { database, ownerId, clock, basePath }: CallerCheckOptions) {
    this.sessions = new BrowserSessions({
      accessToken,
      database,
      ownerId,
      basePath,
      nowMs: () => clock.nowMs(),
    });
    this.#clock = clock;
    this.#guesses = new SignInRateLimit(() => clock.elapsedMs());
  }

  /**
   * Returns the session of the request, or null for a bearer token. Errors: unauthorized without either; those of
   * `checkToken`.
   */
  async check(request: FastifyRequest, reply: FastifyReply): Promise<string | null> {
    const sessionId = await this.sessions.find(request);
    if (sessionId !== null) {
      if (request.routeOptions.config.isStream) this.sessions.follow(sessionId, reply.raw);
      return sessionId;
    }
    const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (bearer === undefined) throw new RillError('unauthorized');
    await this.checkToken(bearer, request);
    return null;
  }

  /**
   * Compares the token of a request. Errors: unauthorized; rate_limited, before comparing, after too many wrong tokens
   * from the same browser or address. A delayed guess is compared after its delay.
   */
  async checkToken(given: string, request: FastifyRequest): Promise<void> {
    const source = this.sessions.deviceOf(request) ?? addressOf(request);
    const decision = this.#guesses.take(source);
    if (!decision.isAllowed) throw new RillError('rate_limited', { retryAfterMs: decision.retryAfterMs });
    if (decision.waitMs > 0) await this.#waitFor(decision.waitMs, request);
    if (!this.sessions.isRightToken(given)) {
      throw new RillError('unauthorized', { message: 'The access token is not right.' });
    }
    this.#guesses.refund(source);
  }

  /** Resolves after `delayMs`, or as soon as the caller has disconnected. */
  #waitFor(delayMs: number, request: FastifyRequest): Promise<void> {
    const { socket } = request.raw;
    return new Promise((resolve) => {
      const finish = () => {
        cancel();
        socket.off('close', finish);
        resolve();
      };
      const cancel = this.#clock.schedule(delayMs, finish);
      socket.once('close', finish);
    });
  }
}

/** The source that a guess counts for. One host owns a whole /64 of IPv6 addresses, so these count as one. */
function addressOf(request: FastifyRequest): string {
  const ip = visitorAddress(request);
  return isIP(ip) === 6 ? networkOf(ip) : ip;
}

/** The first four groups of an IPv6 address. */
function networkOf(ip: string): string {
  const [head = '', tail = ''] = (ip.split('%')[0] ?? '').toLowerCase().split('::');
  const [first, last] = [head.split(':'), tail.split(':')].map((groups) =>
    groups.filter((group) => group !== ''),
  );
  const zeros = ip.includes('::') ? 8 - (first?.length ?? 0) - (last?.length ?? 0) : 0;
  const groups = [...(first ?? []), ...Array<string>(Math.max(0, zeros)).fill('0'), ...(last ?? [])];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
