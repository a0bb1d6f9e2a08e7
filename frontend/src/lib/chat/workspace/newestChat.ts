/** Chooses what to show without an address: the chat that was used last, of all projects. */
import type { Chat, Project } from '@rill/protocol';
import type { Route } from '../navigation/route.ts';

function newestChat(chatsByProject: Readonly<Record<string, readonly Chat[]>>): Chat | null {
  const [newest] = Object.values(chatsByProject)
    .flat()
    .sort((first, second) => second.updatedAtMs - first.updatedAtMs);
  return newest ?? null;
}

/** The newest chat of all, or else an empty one in the first project; null where there is none. */
export function firstRoute(
  chatsByProject: Readonly<Record<string, readonly Chat[]>>,
  [project]: readonly Project[],
): Extract<Route, { name: 'chat' | 'new-chat' }> | null {
  const newest = newestChat(chatsByProject);
  if (newest) return { name: 'chat', projectId: newest.projectId, chatId: newest.id };
  return project ? { name: 'new-chat', projectId: project.id } : null;
}
