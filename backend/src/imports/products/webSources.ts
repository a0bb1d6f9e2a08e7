/** Collects the sources that an answer names: web addresses only, without repetition, up to a limit. */
import type { Annotation } from '@rill/protocol';
import { textOf } from '../form/untrusted.ts';

const maxSources = 100;
const maxUrlLength = 2000;
const maxTitleLength = 300;

/** The source; null for an address that is not on the web. */
export function webSource(url: unknown, title: unknown): Annotation | null {
  const address = textOf(url);
  if (address.length > maxUrlLength || !/^https?:\/\/[^\s<>]+$/i.test(address)) return null;
  return { url: address, title: textOf(title).slice(0, maxTitleLength) };
}

export function distinctSources(sources: readonly (Annotation | null)[]): Annotation[] {
  const byUrl = new Map<string, Annotation>();
  for (const source of sources) {
    if (byUrl.size === maxSources) break;
    if (source && !byUrl.has(source.url)) byUrl.set(source.url, source);
  }
  return [...byUrl.values()];
}

/** The source as a Markdown link whose title cannot break out of its brackets. */
export const markdownLink = ({ url, title }: Annotation): string =>
  `[${(title || hostOf(url)).replace(/[[\]\\\s]+/g, ' ').trim() || 'source'}](<${url}>)`;

const hostOf = (url: string): string => URL.parse(url)?.hostname ?? url;
