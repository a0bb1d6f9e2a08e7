/** Copies the last answer of a chat, or the last code block in it, even if it is far out of view and not drawn. */

import { joinAnswers } from '../../chat/transcript/joinAnswers.ts';
import { type AnswerItem, shownMessage, type TranscriptItem } from '../../chat/transcript/transcript.ts';
import { parseDocument } from '../../markdown/parseDocument.ts';
import type { TreeNode } from '../../markdown/tree/tree.ts';
import { copyText } from '../message/content/copyText.ts';
import type { AppParts } from '../shell/appContext.ts';
import { keyStrings } from '../strings/keyStrings.ts';
import { messageStrings } from '../strings/messageStrings.ts';
import { strings } from '../strings/strings.ts';

type Say = Pick<AppParts, 'announcer'>;

export async function copyLastAnswer(app: Say, items: readonly TranscriptItem[]): Promise<void> {
  const answer = answersOf(items).find((item) => contentOf(item) !== '');
  if (!answer) return app.announcer.say(keyStrings.noAnswer);
  const button = articleOf(answer)?.querySelector(`[title="${messageStrings.actions.copyLabel}"]`);
  await copy(app, contentOf(answer), button);
}

export async function copyLastCode(app: Say, items: readonly TranscriptItem[]): Promise<void> {
  for (const answer of answersOf(items)) {
    const code = lastCode(parseDocument(contentOf(answer)));
    if (code === null) continue;
    const block = [...(articleOf(answer)?.querySelectorAll('.code-block') ?? [])].at(-1);
    const isDrawn = block?.querySelector('code')?.textContent === code;
    await copy(app, code, isDrawn ? block?.querySelector('.code-header > button:last-child') : null);
    return;
  }
  app.announcer.say(keyStrings.noCode);
}

/** By its own button where that is drawn: it then shows the result. */
async function copy({ announcer }: Say, text: string, button: Element | null | undefined): Promise<void> {
  if (button instanceof HTMLElement) {
    button.click();
    return;
  }
  if (await copyText(text)) announcer.say(strings.announce.copied);
  else announcer.announce({ type: 'failure', message: strings.announce.notCopied });
}

/** The last one first. */
const answersOf = (items: readonly TranscriptItem[]): AnswerItem[] =>
  items.filter((item) => item.type === 'answer').toReversed();

const contentOf = (item: AnswerItem): string => joinAnswers(item.before, shownMessage(item)).content;

const articleOf = ({ key }: AnswerItem): Element | null =>
  document.querySelector(`[data-message-key="${CSS.escape(key)}"]`);

function lastCode(nodes: readonly TreeNode[]): string | null {
  for (const node of nodes.toReversed()) {
    if (node.kind === 'code') return node.chunks.join('');
    const code = node.kind === 'element' ? lastCode(node.children) : null;
    if (code !== null) return code;
  }
  return null;
}
