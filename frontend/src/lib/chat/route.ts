/** Paths of the page to routes and back: one address per chat, so reload and the back button lead to the same place. */

export type Route =
  | { readonly name: 'home' }
  | { readonly name: 'new-chat'; readonly projectId: string }
  | { readonly name: 'chat'; readonly projectId: string; readonly chatId: string };

const idPattern = /^[A-Za-z0-9-]{1,64}$/;

/** Reads a path. One that means nothing is `home`, so a broken link still shows a working page. */
export function parseRoute(pathname: string): Route {
  const [projects, projectId, chats, chatId, ...rest] = pathname.split('/').filter((part) => part !== '');
  if (projects !== 'projects' || !projectId || !idPattern.test(projectId)) return { name: 'home' };
  if (chats === undefined) return { name: 'new-chat', projectId };
  if (chats !== 'chats' || !chatId || !idPattern.test(chatId) || rest.length > 0) return { name: 'home' };
  return { name: 'chat', projectId, chatId };
}

export function formatRoute(route: Route): string {
  switch (route.name) {
    case 'home':
      return '/';
    case 'new-chat':
      return `/projects/${route.projectId}`;
    case 'chat':
      return `/projects/${route.projectId}/chats/${route.chatId}`;
  }
}
