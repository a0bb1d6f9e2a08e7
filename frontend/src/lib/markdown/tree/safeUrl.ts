/**
 * Turns an address from model output into one that may be a link, or null. The URL class parses it and its canonical
 * form is returned, so the checked address is the used one.
 */

const allowedProtocols: ReadonlySet<string> = new Set(['http:', 'https:', 'mailto:']);

export interface SafeUrl {
  readonly href: string;
  /** Host of a web address (punycode shown as it is), the address of a mailto link. */
  readonly host: string;
}

/** Allows http, https and mailto; any other address, also a relative one, is null. */
export function safeUrl(address: string): SafeUrl | null {
  const url = URL.parse(address);
  if (url === null || !allowedProtocols.has(url.protocol)) return null;
  return { href: url.href, host: url.protocol === 'mailto:' ? url.pathname : url.host };
}

/** Most characters of a picture that is embedded in the text. */
const maxInlineCharacters = 2_000_000;
const inlinePicture = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+$/;

/** Allows what `safeUrl` allows, and raster pictures of up to 2,000,000 characters as data URLs, which have no host. */
export function safeImageUrl(address: string): SafeUrl | null {
  if (!/^data:/i.test(address)) return safeUrl(address);
  const isAllowed = address.length <= maxInlineCharacters && inlinePicture.test(address);
  return isAllowed ? { href: address, host: '' } : null;
}
