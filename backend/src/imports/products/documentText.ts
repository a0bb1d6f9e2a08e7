/** Writes a document that a model made beside its answer (canvas, artifact) as Markdown: its title, then its text or code. */
import { fencedText } from './fencedText.ts';

export interface ModelDocument {
  readonly title: string;
  readonly content: string;
  /** Null for prose. */
  readonly language: string | null;
}

export function documentText({ title, content, language }: ModelDocument): string {
  const heading = title
    .replace(/[\s*]+/g, ' ')
    .trim()
    .slice(0, 200);
  const body = language === null ? content : fencedText(content, language);
  return heading === '' ? body : `**${heading}**\n\n${body}`;
}
