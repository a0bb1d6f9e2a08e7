/**
 * Writes prompts as one Markdown file and reads them back: a heading with the name, a line with the project, and the
 * text in a fence that is longer than any in it. Invariant: what was written is read again character for character.
 */

/** A prompt as a file has it; `project` is the name of its project, null for all. */
export interface FilePrompt {
  readonly name: string;
  readonly content: string;
  readonly project: string | null;
}

const fenceOf = (content: string): string => {
  const longest = Math.max(3, ...Array.from(content.matchAll(/`+/g), ([run]) => run.length));
  return '`'.repeat(longest + 1);
};

export function writePromptFile(prompts: readonly FilePrompt[]): string {
  const parts = prompts.map(({ name, content, project }) => {
    const fence = fenceOf(content);
    const of = project === null ? '' : `Project: ${project}\n\n`;
    return `# ${name}\n\n${of}${fence}prompt\n${content}\n${fence}\n`;
  });
  return parts.join('\n');
}

const openingPattern = /^(`{4,})prompt\r?$/;

/** A file that has none of our fences is one prompt as it is; `fileName` names one without a heading. */
export function readPromptFile(text: string, fileName: string): FilePrompt[] {
  const lines = text.split('\n');
  const found: FilePrompt[] = [];
  let name = '';
  let project: string | null = null;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const heading = /^# (.+?)\r?$/.exec(line)?.[1];
    if (heading !== undefined) {
      name = heading;
      project = null;
    }
    project = /^Project: (.+?)\r?$/.exec(line)?.[1] ?? project;
    const fence = openingPattern.exec(line)?.[1];
    if (fence === undefined) continue;
    const end = lines.findIndex((each, index) => index > at && each.replace(/\r$/, '') === fence);
    // A fence that never ends was cut off: it is read to the end of the file.
    const last = end === -1 ? lines.length : end;
    found.push({
      name: name || withoutEnding(fileName),
      content: lines.slice(at + 1, last).join('\n'),
      project,
    });
    at = last;
  }
  if (found.length > 0 || text.trim() === '') return found.filter(({ content }) => content !== '');
  return [
    { name: /^#+ (.+)$/m.exec(text)?.[1]?.trim() || withoutEnding(fileName), content: text, project: null },
  ];
}

const withoutEnding = (fileName: string): string => fileName.replace(/\.[^.]{1,10}$/, '') || fileName;
