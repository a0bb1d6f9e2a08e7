/** Puts a project's chats into the sections of the sidebar, newest first. */
import type { Chat } from '@rill/protocol';

const groupNames = ['today', 'yesterday', 'previous-week', 'previous-month', 'earlier'] as const;
export type ChatGroupName = (typeof groupNames)[number];

export interface ChatGroup {
  readonly name: ChatGroupName;
  readonly chats: readonly Chat[];
}

/**
 * The newest `maxChats` of them. `nowMs` and the local calendar decide where each day begins; not every day has 24 hours.
 * Empty groups are left out.
 */
export function groupChats(
  chats: readonly Chat[],
  nowMs: number,
  maxChats = Number.POSITIVE_INFINITY,
): ChatGroup[] {
  const starts: readonly (readonly [ChatGroupName, number])[] = [
    ['today', dayStartMs(nowMs, 0)],
    ['yesterday', dayStartMs(nowMs, 1)],
    ['previous-week', dayStartMs(nowMs, 7)],
    ['previous-month', dayStartMs(nowMs, 30)],
  ];
  const groups = new Map<ChatGroupName, Chat[]>(groupNames.map((name) => [name, []]));
  const newestFirst = chats.toSorted((first, second) => second.updatedAtMs - first.updatedAtMs);
  for (const chat of newestFirst.slice(0, maxChats)) {
    const [name] = starts.find(([, startMs]) => chat.updatedAtMs >= startMs) ?? ['earlier' as const];
    groups.get(name)?.push(chat);
  }
  return [...groups]
    .map(([name, inGroup]) => ({ name, chats: inGroup }))
    .filter((group) => group.chats.length > 0);
}

/** The beginning of the day that was `daysAgo` days before that of `nowMs`; of tomorrow with -1. */
export function dayStartMs(nowMs: number, daysAgo: number): number {
  const day = new Date(nowMs);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() - daysAgo).getTime();
}
