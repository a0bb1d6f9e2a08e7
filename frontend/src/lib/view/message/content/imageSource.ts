/**
 * Decides how a picture made by a model may be shown, by its address. Only raster data URLs up to a size are drawn; an
 * external address is never fetched without a click.
 */
import { safeUrl } from '../../../markdown/tree/safeUrl.ts';

export type ImageSource =
  | { readonly kind: 'inline'; readonly url: string }
  | { readonly kind: 'remote'; readonly url: string; readonly host: string }
  | { readonly kind: 'refused' };

/** About 15 MB of picture in base64. */
const maxDataUrlCharacters = 20_000_000;

export function imageSource(url: string): ImageSource {
  if (/^data:image\/(?:png|jpeg|gif|webp|avif);base64,[A-Za-z0-9+/=]+$/.test(url.slice(0, 200))) {
    return url.length <= maxDataUrlCharacters ? { kind: 'inline', url } : { kind: 'refused' };
  }
  const remote = safeUrl(url);
  return remote ? { kind: 'remote', url: remote.href, host: remote.host } : { kind: 'refused' };
}
