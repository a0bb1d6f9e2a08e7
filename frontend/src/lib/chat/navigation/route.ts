/** Turns paths into routes and back: one address per chat, so that reload and the back button find it again. */

export type Route =
  | { readonly name: 'home' }
  | { readonly name: 'project'; readonly projectId: string }
  /** An empty chat of the project. */
  | { readonly name: 'new-chat'; readonly projectId: string }
  | { readonly name: 'chat'; readonly projectId: string; readonly chatId: string }
  /** `section`: the one to show first; null for the top. */
  | { readonly name: 'settings'; readonly section: string | null }
  | { readonly name: 'usage' }
  /** An address that means nothing; the page says so. */
  | { readonly name: 'unknown'; readonly path: string };

const sectionPattern = /^[a-z]{1,32}$/;
const idPattern = /^[A-Za-z0-9-]{1,64}$/;

export function parseRoute(pathname: string): Route {
  const [projects, projectId, chats, chatId, ...rest] = pathname.split('/').filter((part) => part !== '');
  const unknown: Route = { name: 'unknown', path: pathname };
  if (projects === undefined || (projects === 'index.html' && projectId === undefined))
    return { name: 'home' };
  if (projects === 'usage' && projectId === undefined) return { name: 'usage' };
  if (projects === 'settings') return parseSettings(projectId ?? null, chats) ?? unknown;
  if (projects !== 'projects' || !projectId || !idPattern.test(projectId)) return unknown;
  if (chats === undefined) return { name: 'project', projectId };
  if (chats === 'new' && chatId === undefined) return { name: 'new-chat', projectId };
  if (chats !== 'chats' || !chatId || !idPattern.test(chatId) || rest.length > 0) return unknown;
  return { name: 'chat', projectId, chatId };
}

function parseSettings(section: string | null, rest: string | undefined): Route | null {
  if (rest !== undefined || (section !== null && !sectionPattern.test(section))) return null;
  return { name: 'settings', section };
}

export function formatRoute(route: Route): string {
  switch (route.name) {
    case 'home':
      return '/';
    case 'project':
      return `/projects/${route.projectId}`;
    case 'new-chat':
      return `/projects/${route.projectId}/new`;
    case 'chat':
      return `/projects/${route.projectId}/chats/${route.chatId}`;
    case 'settings':
      return route.section === null ? '/settings' : `/settings/${route.section}`;
    case 'usage':
      return '/usage';
    case 'unknown':
      return route.path;
  }
}
