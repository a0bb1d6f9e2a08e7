/**
 * Finds the path of the provider's endpoints. A base URL without a version, as users often write it, is tried with the
 * usual paths until one of them has the endpoint.
 */

export interface AddressSettings {
  readonly baseUrl: string;
  readonly query: string;
}

/** The path below the base URL. */
export type EndpointPath =
  | 'chat/completions'
  | `models?${string}`
  | 'key'
  | 'auth/keys'
  | `generation?id=${string}`;

/** The address of one request. It is passed back to say whether the endpoint exists. */
export interface Endpoint {
  readonly url: string;
  readonly attempt: number;
}

export class EndpointAddress {
  readonly #bases: readonly string[];
  readonly #query: string;
  #attempt = 0;
  #isConfirmed = false;
  /** The endpoint built last: nearly every request uses the same. */
  #built: { readonly path: EndpointPath; readonly endpoint: Endpoint } | null = null;

  constructor({ baseUrl, query }: AddressSettings) {
    this.#bases = basesOf(baseUrl.replace(/\/+$/, ''));
    this.#query = query;
  }

  endpoint(path: EndpointPath): Endpoint {
    const attempt = this.#attempt;
    if (this.#built?.path === path && this.#built.endpoint.attempt === attempt) return this.#built.endpoint;
    const url = new URL(`${this.#bases[attempt % this.#bases.length] ?? ''}/${path}`);
    for (const [name, value] of new URLSearchParams(this.#query)) url.searchParams.append(name, value);
    this.#built = { path, endpoint: { url: url.href, attempt } };
    return this.#built.endpoint;
  }

  /** The endpoint exists: its base URL is kept. */
  confirm({ attempt }: Endpoint): void {
    if (attempt === this.#attempt) this.#isConfirmed = true;
  }

  /** The endpoint does not exist. True when another base URL is to be tried; `tried` is how often this request has failed. */
  tryNextBase({ attempt }: Endpoint, tried: number): boolean {
    if (this.#isConfirmed && attempt === this.#attempt) return false;
    // Concurrent requests advance once.
    if (attempt === this.#attempt) this.#attempt += 1;
    return tried < this.#bases.length;
  }
}

function basesOf(baseUrl: string): readonly string[] {
  const { origin, pathname } = new URL(baseUrl);
  if (/\/v\d+\w*(?:\/|$)/i.test(pathname)) return [baseUrl];
  if (pathname === '/') return [`${origin}/v1`, `${origin}/api/v1`, origin];
  if (pathname === '/api') return [`${origin}/api/v1`, `${origin}/v1`, baseUrl];
  return [baseUrl, `${baseUrl}/v1`];
}

/** True when the reply says that there is no such endpoint, and not that there is no such model. */
export function isNoEndpoint(status: number, mediaType: string, text: string): boolean {
  if (/unexpected endpoint/i.test(text)) return true;
  if (status === 404 || status === 405) return mediaType === 'text/html' || !/\bmodel\b/i.test(text);
  return status < 300 && mediaType === 'text/html';
}
