/**
 * Turns the citations of an answer into its list of sources: web pages only, without repetition, in order of
 * appearance.
 */
import type { Annotation } from '@rill/protocol';
import { safeUrl } from '../../markdown/tree/safeUrl.ts';

export interface Source {
  readonly href: string;
  /** Without `www.`; punycode is shown as it is. */
  readonly site: string;
  /** '' for none. */
  readonly title: string;
  readonly excerpt: string;
}

/** The first title and excerpt of a page count. */
export function sourceList(annotations: readonly Annotation[]): readonly Source[] {
  const byHref = new Map<string, Source>();
  for (const { url, title, excerpt = '' } of annotations) {
    const link = /^https?:/i.test(url) ? safeUrl(url) : null;
    if (!link) continue;
    const known = byHref.get(link.href);
    byHref.set(link.href, {
      href: link.href,
      site: link.host.replace(/^www\./, ''),
      title: known?.title || title.trim(),
      excerpt: known?.excerpt || excerpt.trim(),
    });
  }
  return [...byHref.values()];
}

/** The sites of the sources, each once. */
export const sitesOf = (sources: readonly Source[]): string[] => [
  ...new Set(sources.map(({ site }) => site)),
];
