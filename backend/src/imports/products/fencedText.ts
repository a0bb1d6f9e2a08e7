/** Writes a text as a code block of Markdown whose fence is longer than any row of backticks in the text. */
export function fencedText(text: string, language = ''): string {
  let longest = 2;
  for (const [row] of text.matchAll(/`{3,}/g)) longest = Math.max(longest, row.length);
  const fence = '`'.repeat(longest + 1);
  return `${fence}${/^[\w+#-]{1,30}$/.test(language) ? language : ''}\n${text}\n${fence}`;
}
