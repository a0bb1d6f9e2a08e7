/**
 * Opens, checks and ends sessions: the cookie holds a random secret, the store its digest. Ending a session also closes
 * the event streams that it opened, so a signed-out browser reads nothing more.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { deleteAllSessions, deleteSessions, insertSession, isSessionOpen } from '../../store/sessions.ts';
import type { StoreAccess } from '../../store/storeAccess.ts';
import { isSecure } from './visitor.ts';

export interface SessionOptions {
  readonly accessToken: string;
  readonly database: StoreAccess;
  readonly ownerId: string;
  /** Base path of the page; '' is the root. */
  readonly basePath: string;
  readonly nowMs: () => number;
}

const sessionCookie = 'rill_session';
/** Marks a browser that has signed in before: its wrong tokens are counted separately from those of its address. */
const deviceCookie = 'rill_device';
const sessionLengthMs = 30 * 24 * 3_600_000;
const deviceLengthMs = 365 * 24 * 3_600_000;
/**
 * Most cookies of one name that are checked. A browser sends one, or a few if another site of the domain set one too.
 */
const maxCookiesOfOneName = 8;

export class BrowserSessions {
  readonly #options: SessionOptions;
  readonly #tokenDigest: string;
  /** Responses of open event streams, by the session that opened them. */
  readonly #streams = new Map<string, Set<FastifyReply['raw']>>();

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#tokenDigest = digest(options.accessToken).toString('hex');
  }

  isRightToken(given: string): boolean {
    // Digests all have the same length, so the comparison reveals nothing about the length of the token.
    return timingSafeEqual(digest(this.#options.accessToken), digest(given));
  }

  /** Opens a session and sets its cookie. Once this resolves the session survives a crash. */
  async open(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { database, ownerId, nowMs } = this.#options;
    const secret = randomBytes(32).toString('base64url');
    const openedAtMs = nowMs();
    const session = {
      id: idOf(secret),
      ownerId,
      tokenDigest: this.#tokenDigest,
      nowMs: openedAtMs,
      expiresAtMs: openedAtMs + sessionLengthMs,
    };
    await database.transaction((transaction) => insertSession(transaction, session));
    reply.setCookie(sessionCookie, secret, this.#cookieOptions(request, sessionLengthMs));
    if (this.deviceOf(request) !== null) return;
    const device = randomBytes(16).toString('base64url');
    reply.setCookie(
      deviceCookie,
      `${device}.${this.#sign(device)}`,
      this.#cookieOptions(request, deviceLengthMs),
    );
  }

  /** Id of the open session that the request belongs to, or null. */
  async find(request: FastifyRequest): Promise<string | null> {
    const { database, nowMs } = this.#options;
    for (const secret of cookiesOf(request, sessionCookie)) {
      const session = { id: idOf(secret), tokenDigest: this.#tokenDigest, nowMs: nowMs() };
      if (await isSessionOpen(database.reader, session)) return session.id;
    }
    return null;
  }

  /** The id of a browser that has signed in before, from its cookie, or null. */
  deviceOf(request: FastifyRequest): string | null {
    for (const value of cookiesOf(request, deviceCookie)) {
      const [device = '', signature = ''] = value.split('.');
      if (timingSafeEqual(digest(this.#sign(device)), digest(signature))) return device;
    }
    return null;
  }

  /** Ends every session whose cookie the request carries. */
  async end(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const ids = cookiesOf(request, sessionCookie).map(idOf);
    await this.#options.database.transaction((transaction) => deleteSessions(transaction, ids));
    for (const id of ids) this.#closeStreams(id);
    reply.clearCookie(sessionCookie, this.#cookieOptions(request, 0));
  }

  /** Ends every session of the user. */
  async endAll(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { database, ownerId } = this.#options;
    await database.transaction((transaction) => deleteAllSessions(transaction, ownerId));
    for (const id of [...this.#streams.keys()]) this.#closeStreams(id);
    reply.clearCookie(sessionCookie, this.#cookieOptions(request, 0));
  }

  /** Closes the response of an event stream when its session ends. */
  follow(sessionId: string, response: FastifyReply['raw']): void {
    const streams = this.#streams.get(sessionId) ?? new Set();
    this.#streams.set(sessionId, streams.add(response));
    response.once('close', () => {
      streams.delete(response);
      if (streams.size === 0 && this.#streams.get(sessionId) === streams) this.#streams.delete(sessionId);
    });
  }

  /** The cookie says for how long, not until when: browsers compare that with the `Date` of the response, which has the machine's time. */
  #cookieOptions(request: FastifyRequest, lengthMs: number) {
    const path = this.#options.basePath || '/';
    const maxAge = lengthMs / 1000;
    return { path, httpOnly: true, sameSite: 'strict' as const, secure: isSecure(request), maxAge };
  }

  #closeStreams(sessionId: string): void {
    for (const response of this.#streams.get(sessionId) ?? []) response.destroy();
  }

  #sign(device: string): string {
    return createHmac('sha256', this.#options.accessToken)
      .update(`rill-device ${device}`)
      .digest('base64url');
  }
}

/** Every value of that name: a cookie set by another site of the domain may come first. */
function cookiesOf(request: FastifyRequest, name: string): string[] {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
    .slice(0, maxCookiesOfOneName);
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const idOf = (secret: string): string => digest(secret).toString('hex');
