/**
 * Issues keys as OpenRouter's sign-in for programs does (OAuth with PKCE): the page `/auth` answers with a code, and the
 * code is exchanged for a key by the caller who knows the verifier. A code is good once and for ten minutes.
 */
import { createHash, randomBytes } from 'node:crypto';
import { isJsonObject } from '../jsonData.ts';
import type { HttpAnswer } from '../script.ts';
import { errorAnswer } from '../wire/errorAnswers.ts';

interface IssuedCode {
  readonly challenge: string;
  readonly expiresAtMs: number;
}

const codeLifeMs = 10 * 60_000;

export class KeyCodes {
  readonly #nowMs: () => number;
  readonly #apiKey: string | undefined;
  readonly #issued = new Map<string, IssuedCode>();

  /** `apiKey`: the key that is returned. Default: a new one each time. */
  constructor({ now, apiKey }: { readonly now: () => number; readonly apiKey: string | undefined }) {
    this.#nowMs = now;
    this.#apiKey = apiKey;
  }

  /** Answers `GET /auth`: leads back to the page that asked, as after a click on "Authorize". */
  authorize(query: URLSearchParams): HttpAnswer {
    const callback = URL.parse(query.get('callback_url') ?? '');
    const challenge = query.get('code_challenge') ?? '';
    if (callback === null || challenge === '' || query.get('code_challenge_method') !== 'S256') {
      return errorAnswer(400, 'callback_url, code_challenge and code_challenge_method S256 are needed');
    }
    const code = randomBytes(16).toString('hex');
    this.#issued.set(code, { challenge, expiresAtMs: this.#nowMs() + codeLifeMs });
    callback.searchParams.set('code', code);
    return { status: 302, headers: { location: callback.href }, body: '' };
  }

  /** Answers `POST /auth/keys`. */
  exchange(body: unknown): HttpAnswer {
    const { code, code_verifier, code_challenge_method } = isJsonObject(body) ? body : {};
    if (code_challenge_method !== 'S256') return errorAnswer(400, 'Invalid code_challenge_method');
    const issued = this.#issued.get(String(code));
    this.#issued.delete(String(code));
    const challenge = createHash('sha256').update(String(code_verifier)).digest('base64url');
    if (issued === undefined || issued.challenge !== challenge || issued.expiresAtMs <= this.#nowMs()) {
      return errorAnswer(403, 'Invalid code or code_verifier');
    }
    const key = this.#apiKey ?? `sk-or-v1-${randomBytes(32).toString('hex')}`;
    return { status: 200, body: { key, user_id: 'user_simulator' } };
  }
}
