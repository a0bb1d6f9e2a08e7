/**
 * Turns the provider's address, as users paste it from a page, a manual or a shell, into the parts that requests need.
 * User, password and query are kept apart, so that `baseUrl` has no secret.
 */

export interface ProviderAddress {
  /** Scheme, host and path; no slash at the end, no endpoint, no user, no query. */
  readonly baseUrl: string;
  /** Appended to the path of every request: `?api-version=1`, or ''. */
  readonly query: string;
  /** User and password for Basic sign-in, joined by a colon; null when the address has none. */
  readonly basicAuth: string | null;
}

/** Quotes, brackets and blanks that are copied along with an address. */
const wrapping = /^[\s\u200b"'`<>“”‘’«»]+|[\s\u200b"'`<>“”‘’«»,;]+$/gu;
const endpoint = /\/(?:chat\/completions|completions|chat|models|responses|embeddings|messages)$/i;
/** `chat` without a version before it could be a folder, so it is not removed as an endpoint. */
const chatAlone = /(?<!\/v\d+\w*)\/chat$/i;
/** Path parts that every server writes in lower case. */
const knownPart = /\/(?:api|v\d+)(?=\/|$)/gi;

/** Errors: throws a message to follow the setting's name. It contains no part of the text, which may be a secret. */
export function readProviderAddress(text: string): ProviderAddress {
  const url = parse(text.replace(wrapping, ''));
  if (url === null || !/^https?:$/.test(url.protocol)) throw new Error('must be an http or https address.');
  if (url.hash !== '') throw new Error('must not have a part after a # sign.');
  return {
    baseUrl: url.origin + withoutEndpoint(url.pathname),
    query: url.search,
    basicAuth: credentialsOf(url),
  };
}

/** Secrets of the address in every form in which a server may repeat them. */
export function secretsOfAddress({ query, basicAuth }: Omit<ProviderAddress, 'baseUrl'>): {
  /** Secrets that are removed from every text. */
  readonly secrets: readonly string[];
  /** Secrets that may also be ordinary words, such as the name of a user. */
  readonly words: readonly string[];
} {
  const secrets = [...new URLSearchParams(query)].flatMap(([name, value]) =>
    isSecretParameter(name) ? [value, encodeURIComponent(value)] : [],
  );
  if (basicAuth === null) return { secrets, words: [] };
  const at = basicAuth.indexOf(':');
  const [user, password] = [basicAuth.slice(0, at), basicAuth.slice(at + 1)];
  const encoded = Buffer.from(basicAuth).toString('base64');
  // A key without a password is pasted as the user.
  const alone = password === '' ? [user] : [];
  return {
    secrets: [...secrets, basicAuth, encoded, password, encodeURIComponent(password), ...alone],
    words: [user],
  };
}

/** Any parameter may be a key, except one that names a version or a location. */
const isSecretParameter = (name: string): boolean =>
  !/version|region|model|deployment|project|location|format/i.test(name);

function parse(text: string): URL | null {
  const address = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : guessScheme(text);
  return address !== null && URL.canParse(address) ? new URL(address) : null;
}

/** Adds https to public names such as `openrouter.ai/api/v1`, and http to others such as `localhost:11434`. */
function guessScheme(text: string): string | null {
  const host = /^(?:[^/@\s]*@)?(\[[\da-f:.]+\]|[\w.-]+)(?::(\d+))?(?=[/?#]|$)/i.exec(text);
  // `javascript:alert(1)` is no host.
  if (host === null) return null;
  const [, name = '', port] = host;
  const isPublic =
    name.includes('.') && !/^[\d.]+$/.test(name) && !/\.(?:local|lan|internal|home)$/i.test(name);
  const isTls = isPublic ? port === undefined || port === '443' || port === '8443' : port === '443';
  return `${isTls ? 'https' : 'http'}://${text}`;
}

function withoutEndpoint(pathname: string): string {
  const path = pathname.replace(/\/{2,}/g, '/').replace(/(?:\/|%20|%22|%27)+$/i, '');
  const base = chatAlone.test(path) ? path : path.replace(endpoint, '');
  return base.replace(/\/+$/, '').replaceAll(knownPart, (part) => part.toLowerCase());
}

function credentialsOf({ username, password }: URL): string | null {
  if (username === '' && password === '') return null;
  return `${decodePercent(username)}:${decodePercent(password)}`;
}

/** Decodes percent escapes; a text with a lone percent sign is left as it is. */
export function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Reads a key as users paste it: with quotes, line breaks, `Bearer ` or the name of its variable before it; null for none.
 * Errors: throws a message to follow the setting's name.
 */
export function readApiKey(text: string): string | null {
  const key = text
    .replace(wrapping, '')
    .replace(/^(?:export\s+)?\w*_?(?:API_?KEY|TOKEN)\s*[=:]\s*/i, '')
    .replace(wrapping, '')
    .replace(/^authorization\s*:\s*/i, '')
    .replace(/^bearer(?:\s+|$)/i, '')
    .replaceAll(/[\t\r\n\u200b-\u200d\ufeff]+/g, '')
    .replace(wrapping, '');
  if (/[^\x20-\x7e]/.test(key)) throw new Error('must have plain letters, digits and signs only.');
  return key === '' ? null : key;
}
