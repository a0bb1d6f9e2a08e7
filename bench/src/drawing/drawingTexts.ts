/**
 * Collects the texts that `npm run measure:drawing` draws: every kind of hostile text, endless structure, and given
 * files.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { endlessTexts } from '../../../frontend/test/endlessTexts.ts';
import { type HostileText, hostileTexts } from '../../../frontend/test/hostileTexts.ts';

export interface TextChoice {
  /** Length of each hostile text. */
  readonly characters: number;
  /** Selects texts whose name contains it; empty selects all. */
  readonly only: string;
  readonly files: readonly string[];
}

/** Endless structure and files are drawn once at their length and once at ten times that length. */
export function drawingTexts({ characters, only, files }: TextChoice): HostileText[] {
  const named = files.map((path) => ({ kind: basename(path), text: readFileSync(path, 'utf8') }));
  const repeated = named.map(({ kind, text }) => ({ kind: `${kind}, ten times`, text: text.repeat(10) }));
  const endless = [1, 10].flatMap((times) => endlessTexts(times));
  const all = files.length > 0 ? [...named, ...repeated] : [...hostileTexts(characters), ...endless];
  return all.filter(({ kind }) => kind.includes(only));
}
