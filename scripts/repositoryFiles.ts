/** Reads the text files of the repository: all that .gitignore does not exclude. */
import { readdirSync, readFileSync } from 'node:fs';
import { matchesGlob, posix } from 'node:path';
import { inRepository } from './repositoryRoot.ts';

export interface RepositoryFile {
  /** Relative to the root of the repository, with slashes. */
  path: string;
  text: string;
}

const binaryFile = /\.(png|jpe?g|gif|ico|webp|woff2?|ttf|pdf|bin|zip|gz|db)$/i;

/** Every text file. Does not ask git, which refuses a folder of another system user, as in a container. */
export function readRepositoryFiles(): RepositoryFile[] {
  const ignoreFile = readFileSync(inRepository('.gitignore'), 'utf8').split('\n');
  const ignored = [
    '.git',
    ...ignoreFile.map((line) => line.trim().replace(/\/$/, '')).filter((line) => line !== ''),
  ];
  return listFiles('', ignored)
    .filter((path) => !binaryFile.test(path))
    .map((path) => ({ path, text: readFileSync(inRepository(path), 'utf8') }));
}

function listFiles(folder: string, ignored: string[]): string[] {
  const entries = readdirSync(inRepository(folder), { withFileTypes: true });
  const kept = entries.filter(({ name }) => !ignored.some((pattern) => matchesGlob(name, pattern)));
  return kept.flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) return listFiles(path, ignored);
    return entry.isFile() ? [path] : [];
  });
}

/** Blanks the comments of a text and keeps its line numbers, to search in code and not in prose. */
export function withoutComments(text: string): string {
  const blank = (found: string): string => found.replaceAll(/[^\n]/g, ' ');
  return text.replaceAll(/\/\*[\s\S]*?\*\/|<!--[\s\S]*?-->|(?<=^|\s)\/\/.*$/gm, blank);
}
