/**
 * Replaces the marks that ChatGPT writes for its citations: `【12†source】` in 2023 and 2024, private-use characters
 * since then. Unknown marks are dropped, and no private-use character is left. Linear in the length of the text.
 */
import type { Annotation } from '@rill/protocol';
import { type Fields, fieldsOf, listOf, own, textOf } from '../form/untrusted.ts';
import { distinctSources, markdownLink, webSource } from './webSources.ts';

// A mark is U+E200, its kind and references, U+E201.
const marks = /\ue200[^\ue200\ue201]{0,2000}\ue201|【[^【】\n]{1,100}】/gu;
/** Spans and groups, and truncated marks. */
const leftovers = /[\ue200-\ue2ff]/gu;
const dagger = /†/u;

export interface CitedText {
  readonly text: string;
  readonly sources: readonly Annotation[];
}

const citedKeys = ['content_references', 'citations', 'search_result_groups'];

export function replaceCitations(text: string, metadata: Fields): CitedText {
  if (!/[\ue200-\ue2ff【]/u.test(text) && !citedKeys.some((key) => Object.hasOwn(metadata, key)))
    return { text, sources: [] };
  const references = new Map<string, Fields>();
  const found: (Annotation | null)[] = [];
  for (const each of listOf(own(metadata, 'content_references'))) {
    const reference = fieldsOf(each);
    const matched = textOf(own(reference, 'matched_text'));
    if (matched.trim() !== '') references.set(matched, reference);
    found.push(...sourcesOf(reference));
  }
  const oldMarks = readOldCitations(text, metadata);
  found.push(...oldMarks.values());
  for (const group of listOf(own(metadata, 'search_result_groups')))
    for (const entry of listOf(own(fieldsOf(group), 'entries')))
      found.push(webSource(own(fieldsOf(entry), 'url'), own(fieldsOf(entry), 'title')));
  const replaced = text.replace(marks, (mark) => {
    const reference = references.get(mark);
    if (reference) return wordsFor(reference);
    const source = oldMarks.get(mark);
    if (source) return ` (${markdownLink(source)})`;
    return mark.startsWith('【') && !dagger.test(mark) ? mark : '';
  });
  return { text: replaced.replace(leftovers, ''), sources: distinctSources(found) };
}

function wordsFor(reference: Fields): string {
  if (own(reference, 'invalid') === true || own(reference, 'type') === 'hidden') return '';
  const sources = distinctSources(sourcesOf(reference));
  if (sources.length > 0) return ` (${sources.map(markdownLink).join(', ')})`;
  return textOf(own(reference, 'alt')).replace(marks, '');
}

function sourcesOf(reference: Fields): (Annotation | null)[] {
  const items = listOf(own(reference, 'items')).map((item) =>
    webSource(own(fieldsOf(item), 'url'), own(fieldsOf(item), 'title')),
  );
  return items.some((item) => item !== null)
    ? items
    : [webSource(own(reference, 'url'), own(reference, 'title'))];
}

/** The old marks by their text. Their positions count code points. */
function readOldCitations(text: string, metadata: Fields): Map<string, Annotation> {
  const byMark = new Map<string, Annotation>();
  const citations = listOf(own(metadata, 'citations'));
  if (citations.length === 0) return byMark;
  const points = /\p{Surrogate}|[\u{10000}-\u{10ffff}]/u.test(text) ? Array.from(text) : null;
  for (const each of citations) {
    const citation = fieldsOf(each);
    const [start, end] = [own(citation, 'start_ix'), own(citation, 'end_ix')];
    if (typeof start !== 'number' || typeof end !== 'number' || end - start > 200) continue;
    const mark = points ? points.slice(start, end).join('') : text.slice(start, end);
    const details = fieldsOf(own(citation, 'metadata'));
    const source = webSource(own(details, 'url'), own(details, 'title'));
    if (source && mark.startsWith('【')) byMark.set(mark, source);
  }
  return byMark;
}
