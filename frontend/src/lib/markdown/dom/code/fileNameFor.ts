/** Turns the language of a code block into a file name. */

const extensions: Readonly<Record<string, string>> = {
  bash: 'sh',
  'c#': 'cs',
  'c++': 'cpp',
  csharp: 'cs',
  javascript: 'js',
  kotlin: 'kt',
  markdown: 'md',
  perl: 'pl',
  powershell: 'ps1',
  python: 'py',
  ruby: 'rb',
  rust: 'rs',
  shell: 'sh',
  typescript: 'ts',
  yaml: 'yml',
  zsh: 'sh',
};

const fullNames: Readonly<Record<string, string>> = { dockerfile: 'Dockerfile', makefile: 'Makefile' };

/** `code.py` for `python`; an unknown language is used as the extension, and without a language it is `txt`. */
export function fileNameFor(language: string): string {
  if (Object.hasOwn(fullNames, language)) return fullNames[language] ?? 'code.txt';
  const known = Object.hasOwn(extensions, language) ? extensions[language] : undefined;
  const extension = known ?? (/^[a-z0-9]{1,10}$/.test(language) ? language : 'txt');
  return `code.${extension}`;
}
