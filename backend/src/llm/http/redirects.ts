/** Resolves redirects. A request, with its key, is sent to no other server. */
import { WrongAddress } from './connectionProblem.ts';

/**
 * The next address for the same method and body. Errors: WrongAddress for another server, and for a redirect that demands
 * another method.
 */
export function resolveRedirect(
  from: string,
  { statusCode, location }: { readonly statusCode: number; readonly location: string },
): string {
  const [before, after] = [new URL(from), URL.canParse(location, from) ? new URL(location, from) : null];
  if (after === null || statusCode === 303 || !isSameServer(before, after)) {
    const to = after === null ? 'nowhere' : `to ${after.origin}${after.pathname}`;
    throw new WrongAddress(
      `The address of the model provider redirects ${to} (${statusCode}): set OPENROUTER_BASE_URL to where it answers.`,
    );
  }
  // The query of the setting is added where the server dropped it.
  if (after.search === '') after.search = before.search;
  return after.href;
}

/** The same scheme, host and port, or the same host with https instead of http. */
function isSameServer(before: URL, after: URL): boolean {
  const isUpgrade = before.protocol === 'http:' && after.protocol === 'https:';
  return before.origin === after.origin || (isUpgrade && before.hostname === after.hostname);
}
