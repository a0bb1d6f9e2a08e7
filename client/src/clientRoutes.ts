/**
 * Verb, path and answer of each JSON route, written out so that no schema is shipped to browsers; a test holds this
 * table and `routes` of the protocol equal, both ways.
 */
import type { RouteDefinition, routes } from '@rill/protocol';

export type RouteName = keyof typeof routes;
/** Routes that answer with JSON or nothing. */
export type JsonRouteName = Exclude<RouteName, 'sendMessageStream' | 'resumeStream' | 'followFeed'>;

export interface ClientRoute {
  readonly method: RouteDefinition['method'];
  readonly path: string;
  /** Fields that a success must have; empty for an answer without body. */
  readonly fields: readonly string[];
  /** Statuses beside 2xx that carry the route's own body and not an error. */
  readonly otherStatuses?: readonly number[];
}

const route = (method: ClientRoute['method'], path: string, ...fields: readonly string[]): ClientRoute => ({
  method,
  path,
  fields,
});

const chatPath = '/api/projects/:id/chats/:chatId';
/** Path of a run's event stream: POST sends, GET resumes. */
export const streamPath = `${chatPath}/messages/stream`;
export const feedPath = '/api/events';

export const clientRoutes: Readonly<Record<JsonRouteName, ClientRoute>> = {
  listProjects: route('GET', '/api/projects', 'projects'),
  createProject: route('POST', '/api/projects', 'id', 'name'),
  getProject: route('GET', '/api/projects/:id', 'id', 'name'),
  updateProject: route('PATCH', '/api/projects/:id', 'id', 'name'),
  deleteProject: route('DELETE', '/api/projects/:id'),
  listChats: route('GET', '/api/projects/:id/chats', 'chats', 'nextPageToken'),
  createChat: route('POST', '/api/projects/:id/chats', 'id', 'title'),
  getChat: route('GET', chatPath, 'chat', 'messages', 'activeRun'),
  updateChat: route('PATCH', chatPath, 'id', 'title'),
  deleteChat: route('DELETE', chatPath),
  sendMessage: route('POST', `${chatPath}/messages`, 'message'),
  cancelRun: route('POST', `${chatPath}/cancel`, 'cancelled', 'runId'),
  getRun: route('GET', '/api/runs/:runId', 'id', 'state'),
  listModels: route('GET', '/api/models', 'models', 'defaultModel'),
  health: route('GET', '/api/health', 'status'),
  ready: { ...route('GET', '/api/ready', 'status'), otherStatuses: [503] },
};

/** Fills the `:names` of a path; each value is encoded, so that no id can leave its segment. */
export function fillPath(path: string, params: Readonly<Record<string, string>>): string {
  return path.replace(/:(\w+)/g, (_, name: string) => {
    const value = params[name];
    if (!value) throw new TypeError(`The path ${path} needs ${name}.`);
    return encodeURIComponent(value);
  });
}
