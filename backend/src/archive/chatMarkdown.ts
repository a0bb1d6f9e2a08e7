/**
 * Writes the shown branch of a chat as Markdown: front matter, then a heading and the original text for each message. A
 * code fence that a message leaves open is closed, so that it does not swallow the next message.
 */
import type { ChatDetail, Message } from '@rill/protocol';

export function* chatMarkdown({ chat, messages }: Pick<ChatDetail, 'chat' | 'messages'>): Generator<string> {
  yield frontMatter(chat, messages);
  for (const message of messages) yield messageMarkdown(message);
}

function frontMatter(chat: ChatDetail['chat'], messages: readonly Message[]): string {
  const models = [...new Set(messages.map(({ model }) => model).filter((model) => model !== null))];
  const lines = [
    `title: ${JSON.stringify(chat.title)}`,
    `created: ${timeOf(chat.createdAtMs)}`,
    `changed: ${timeOf(chat.updatedAtMs)}`,
    ...(models.length > 0 ? [`models: ${JSON.stringify(models)}`] : []),
    ...(chat.cost ? [`costUsd: ${chat.cost.costUsd}${chat.cost.estimated ? ' # estimated' : ''}`] : []),
    `rill: ${chat.id}`,
  ];
  return `---\n${lines.join('\n')}\n---\n`;
}

function messageMarkdown(message: Message): string {
  const { role, model, status, error, reasoning, content, refusal, annotations, files } = message;
  const name = role === 'user' ? 'You' : (model ?? 'Model');
  const parts = [
    `## ${oneLine(name)} · ${timeOf(message.createdAtMs)}`,
    ...(reasoning.trim() === '' ? [] : [reasoning.trimEnd().replaceAll(/^/gm, '> ')]),
    closeFence(content.trimEnd()),
    ...(refusal ? [closeFence(refusal.trimEnd())] : []),
    ...(files?.length ? [files.map((file) => `- File: ${oneLine(file.name)}`).join('\n')] : []),
    ...(annotations.length > 0
      ? [annotations.map(({ title, url }) => `- [${escapeLabel(title || url)}](<${url}>)`).join('\n')]
      : []),
    ...(status === 'completed' ? [] : [`*${status}${error ? `: ${oneLine(error.message)}` : ''}*`]),
  ];
  return `\n${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

const timeOf = (timeMs: number): string => `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');
const escapeLabel = (text: string): string => oneLine(text).replaceAll(/[[\]\\]/g, '\\$&');

/** Closes a fence that is still open at the end, by CommonMark's rules for fences outside of lists and quotes. */
export function closeFence(text: string): string {
  let open: { readonly mark: string; readonly length: number } | null = null;
  for (const line of text.split('\n')) {
    const [, marks = '', rest = ''] = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    const mark = marks.charAt(0);
    if (marks === '') continue;
    if (!open) {
      if (mark !== '`' || !rest.includes('`')) open = { mark, length: marks.length };
    } else if (mark === open.mark && marks.length >= open.length && rest.trim() === '') open = null;
  }
  return open ? `${text}\n${open.mark.repeat(open.length)}` : text;
}
