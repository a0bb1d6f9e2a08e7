/**
 * Closes what is open at the end of a text that was cut off, so that its last paragraph looks as it did while it was
 * written: emphasis instead of asterisks. All of the text is kept.
 */
import type { Token } from 'markdown-it';
import { repairInline } from './openInline.ts';

/** `text` up to its cut, with open constructs closed at its end. `parse` turns the text into blocks. */
export function closeCutText(text: string, parse: (text: string) => readonly Token[]): string {
  const written = text.trimEnd();
  // A blank line has ended the paragraph before the cut.
  if (text.slice(written.length).replace('\n', '').includes('\n')) return text;
  const tokens = parse(written);
  const index = tokens.findLastIndex(({ type, content }) => type === 'inline' && content !== '');
  const content = tokens[index]?.content.trimEnd() ?? '';
  const isAtEnd = tokens.slice(index + 1).every(({ nesting }) => nesting < 0);
  const lastLine = content.slice(content.lastIndexOf('\n') + 1);
  if (content === '' || !isAtEnd || !written.endsWith(lastLine)) return text;
  const { repaired, visibleLength } = repairInline(content);
  const held = content.slice(visibleLength);
  // Text held back above the last line may have block markers in front of its lines.
  if (held.length > lastLine.length) return text;
  return written.slice(0, written.length - held.length) + repaired.slice(visibleLength);
}
