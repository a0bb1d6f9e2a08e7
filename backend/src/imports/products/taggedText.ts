/**
 * Extracts tagged parts from a text, such as `<think>…</think>`, in one pass. A tag that is never closed extends to the
 * end.
 */
export interface TaggedPart {
  readonly attributes: string;
  readonly inner: string;
}

export interface TagForm {
  /** Such as `<details type="reasoning"`; attributes follow it, up to `headEnd`. */
  readonly start: string;
  readonly headEnd: string;
  readonly end: string;
}

/** `replace` returns the text that replaces the part. */
export function takeTagged(text: string, form: TagForm, replace: (part: TaggedPart) => string): string {
  let rest = '';
  let position = 0;
  for (;;) {
    const start = text.indexOf(form.start, position);
    if (start < 0) return rest + text.slice(position);
    const headEnd = text.indexOf(form.headEnd, start + form.start.length);
    if (headEnd < 0) return rest + text.slice(position);
    const innerStart = headEnd + form.headEnd.length;
    const end = text.indexOf(form.end, innerStart);
    rest += text.slice(position, start);
    rest += replace({
      attributes: text.slice(start + form.start.length, headEnd),
      inner: text.slice(innerStart, end < 0 ? undefined : end),
    });
    if (end < 0) return rest;
    position = end + form.end.length;
  }
}

/** Extracts `<think>…</think>` from an answer. */
export function splitThinking(text: string, form: TagForm = thinkTag): { text: string; thoughts: string } {
  const thoughts: string[] = [];
  const rest = takeTagged(text, form, ({ inner }) => {
    thoughts.push(inner.trim());
    return '';
  });
  return { text: thoughts.length > 0 ? rest.trim() : text, thoughts: thoughts.filter(Boolean).join('\n\n') };
}

const thinkTag: TagForm = { start: '<think', headEnd: '>', end: '</think>' };

/** The attribute of a tag, with HTML's character references resolved; '' if absent. */
export function attributeOf(attributes: string, name: string): string {
  const start = attributes.indexOf(`${name}="`);
  if (start < 0) return '';
  const valueStart = start + name.length + 2;
  const end = attributes.indexOf('"', valueStart);
  return unescapeHtml(attributes.slice(valueStart, end < 0 ? undefined : end));
}

const references: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#x27;': "'",
  '&#39;': "'",
};

export const unescapeHtml = (text: string): string =>
  text.replace(/&(?:amp|lt|gt|quot|#x27|#39);/g, (reference) => references[reference] ?? reference);
