/** Finds the chat that was used last, of all projects. */
import type { Chat } from '@rill/protocol';

export function newestChat(chatsByProject: Readonly<Record<string, readonly Chat[]>>): Chat | null {
  const [newest] = Object.values(chatsByProject)
    .flat()
    .sort((first, second) => second.updatedAtMs - first.updatedAtMs);
  return newest ?? null;
}
