/** Executes message commands on the focused message, else on the last one that qualifies. False when there is none. */
import type { ChatState } from '../../chat/chatState.svelte.ts';
import { shownMessage, type TranscriptItem } from '../../chat/transcript/transcript.ts';

export function continueLast(chat: ChatState): boolean {
  if (chat.continuableId === null) return false;
  void chat.continueAnswer(chat.continuableId);
  return true;
}

export function retry(chat: ChatState, focusedKey: string | null): boolean {
  const answers = chat.items.filter(({ type }) => type === 'answer');
  const item = answers.find(({ key }) => key === focusedKey) ?? answers.at(-1);
  if (!item) return false;
  void chat.retry(shownMessage(item).id);
  return true;
}

export function showVersion(chat: ChatState, step: -1 | 1, focusedKey: string | null): boolean {
  const versioned = chat.items.filter((item) => versionsOf(item).length > 1);
  const item = versioned.find(({ key }) => key === focusedKey) ?? versioned.at(-1);
  if (!item) return false;
  const versions = versionsOf(item);
  const next = versions[versions.indexOf(shownMessage(item).id) + step];
  if (next !== undefined) void chat.selectSibling(next);
  return true;
}

/** Of the message, or of the last part of an answer. */
const versionsOf = (item: TranscriptItem): readonly string[] => item.siblings;

/** The key of the message with the focus; null when none has it. */
export function focusedMessageKey(): string | null {
  const item = document.activeElement?.closest<HTMLElement>('[data-message-key]');
  return item?.dataset.messageKey ?? null;
}
