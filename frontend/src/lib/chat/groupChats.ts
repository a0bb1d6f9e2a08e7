/** A project's chats in the sections the sidebar shows, newest first. */
import type { Chat } from '@rill/protocol';

export type ChatGroupName = 'today' | 'previous-week' | 'earlier';

export interface ChatGroup {
  readonly name: ChatGroupName;
  readonly chats: readonly Chat[];
}

const dayMs = 86_400_000;

/** `nowMs` and the local time zone decide where today begins. Empty groups are left out. */
export function groupChats(chats: readonly Chat[], nowMs: number): ChatGroup[] {
  const todayStartMs = new Date(nowMs).setHours(0, 0, 0, 0);
  const groups: Record<ChatGroupName, Chat[]> = { today: [], 'previous-week': [], earlier: [] };
  for (const chat of [...chats].sort((first, second) => second.updatedAtMs - first.updatedAtMs)) {
    groups[groupName(chat.updatedAtMs, todayStartMs)].push(chat);
  }
  const names: ChatGroupName[] = ['today', 'previous-week', 'earlier'];
  return names.map((name) => ({ name, chats: groups[name] })).filter((group) => group.chats.length > 0);
}

function groupName(updatedAtMs: number, todayStartMs: number): ChatGroupName {
  if (updatedAtMs >= todayStartMs) return 'today';
  return updatedAtMs >= todayStartMs - 7 * dayMs ? 'previous-week' : 'earlier';
}
