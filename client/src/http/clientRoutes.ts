/**
 * Lists verb, path and answer of each JSON route, written out so that no schema is shipped to browsers; a test holds this
 * table and `routes` of the protocol equal, both ways.
 */
import type { routes } from '@rill/protocol';
import type { ClientRoute } from './routePath.ts';

export type RouteName = keyof typeof routes;
/** Routes that answer with JSON or nothing. */
export type JsonRouteName = Exclude<
  RouteName,
  'sendMessageStream' | 'resumeStream' | 'followFeed' | 'getFileContent' | 'exportArchive' | 'exportChat'
>;

const route = (method: ClientRoute['method'], path: string, ...fields: readonly string[]): ClientRoute => ({
  method,
  path,
  fields,
});

const chatPath = '/api/projects/:id/chats/:chatId';
/** Path of a run's event stream: POST sends, GET resumes. */
export const streamPath = `${chatPath}/messages/stream`;
export const feedPath = '/api/events';
/** Path of the export of everything, a zip file that a browser downloads by its address. */
export const exportPath = '/api/export';
export const chatExportPath = `${chatPath}/export`;
const importPath = '/api/import';
/** Path of the bytes of a file. */
export const contentPath = '/api/files/:fileId/content';
const keyPath = '/api/provider-key';
const promptPath = '/api/prompts';

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
  restoreChat: route('POST', `${chatPath}/restore`, 'id', 'title'),
  keepChat: route('POST', `${chatPath}/keep`, 'id', 'title'),
  listMarkedChats: route('GET', '/api/chats', 'chats', 'nextPageToken', 'totalCount'),
  updateChats: route('POST', '/api/chats/update', 'chatIds'),
  deleteChats: route('POST', '/api/chats/delete', 'chatIds'),
  restoreChats: route('POST', '/api/chats/restore', 'chatIds'),
  emptyBin: route('POST', '/api/bin/empty', 'chatIds'),
  forkChat: route('POST', `${chatPath}/fork`, 'id', 'title'),
  editMessage: route('POST', `${chatPath}/messages/:messageId/versions`, 'id', 'content'),
  deleteMessage: route('DELETE', `${chatPath}/messages/:messageId`, 'chat', 'messageCount'),
  restoreMessage: route('POST', `${chatPath}/messages/:messageId/restore`, 'chat', 'messageCount'),
  getContext: route('GET', `${chatPath}/context`, 'messages', 'estimatedTokens'),
  markMessage: route('PUT', `${chatPath}/messages/:messageId/mark`, 'messageId'),
  sendMessage: route('POST', `${chatPath}/messages`, 'message'),
  cancelRun: route('POST', `${chatPath}/cancel`, 'cancelled', 'runId'),
  getDraft: route('GET', `${chatPath}/draft`, 'content', 'revision'),
  putDraft: route('PUT', `${chatPath}/draft`, 'content', 'revision'),
  getNewChatDraft: route('GET', '/api/projects/:id/draft', 'content', 'revision'),
  putNewChatDraft: route('PUT', '/api/projects/:id/draft', 'content', 'revision'),
  getQueue: route('GET', `${chatPath}/queue`, 'messages', 'revision'),
  addToQueue: route('POST', `${chatPath}/queue`, 'messages', 'revision'),
  updateQueued: route('PATCH', `${chatPath}/queue/:messageId`, 'messages', 'revision'),
  removeQueued: route('DELETE', `${chatPath}/queue/:messageId`, 'messages', 'revision'),
  sendQueued: route('POST', `${chatPath}/queue/:messageId/send`, 'messages', 'revision'),
  resumeQueue: route('POST', `${chatPath}/queue/resume`, 'messages', 'revision'),
  uploadFile: route('POST', '/api/files', 'id', 'mediaType'),
  deleteFile: route('DELETE', '/api/files/:fileId'),
  listProjectFiles: route('GET', '/api/projects/:id/files', 'files'),
  putProjectFiles: route('PUT', '/api/projects/:id/files', 'files'),
  getRun: route('GET', '/api/runs/:runId', 'id', 'state'),
  search: route('GET', '/api/search', 'chats', 'messages'),
  getReceipt: route('GET', '/api/runs/:runId/receipt', 'model', 'instructions'),
  getUsage: route('GET', '/api/usage', 'total', 'groups'),
  getBudget: route('GET', '/api/budget', 'monthlyUsd', 'spentUsd'),
  putBudget: route('PUT', '/api/budget', 'monthlyUsd', 'spentUsd'),
  getProjectBudget: route('GET', '/api/projects/:id/budget', 'monthlyUsd', 'spentUsd'),
  putProjectBudget: route('PUT', '/api/projects/:id/budget', 'monthlyUsd', 'spentUsd'),
  listModels: route('GET', '/api/models', 'models', 'defaultModel'),
  pinModel: route('PUT', '/api/models/pin', 'pinnedModels'),
  createImport: route('POST', importPath, 'id', 'state'),
  listImports: route('GET', importPath, 'imports'),
  getImport: route('GET', `${importPath}/:importId`, 'id', 'state'),
  getImportReport: route('GET', `${importPath}/:importId/report`, 'items', 'nextPageToken'),
  startImport: route('POST', `${importPath}/:importId/start`, 'id', 'state'),
  stopImport: route('POST', `${importPath}/:importId/stop`, 'id', 'state'),
  deleteImport: route('DELETE', `${importPath}/:importId`),
  listPrompts: route('GET', promptPath, 'prompts', 'nextPageToken'),
  createPrompt: route('POST', promptPath, 'id', 'content'),
  updatePrompt: route('PATCH', `${promptPath}/:promptId`, 'id', 'content'),
  deletePrompt: route('DELETE', `${promptPath}/:promptId`),
  getProviderKey: route('GET', keyPath, 'source'),
  putProviderKey: route('PUT', keyPath, 'source'),
  deleteProviderKey: route('DELETE', keyPath, 'source'),
  connectProvider: route('POST', `${keyPath}/connection`, 'url'),
  finishConnection: route('POST', `${keyPath}/connection/finish`, 'source'),
  signIn: route('POST', '/api/session'),
  signOut: route('DELETE', '/api/session'),
  health: route('GET', '/api/health', 'status'),
  ready: { ...route('GET', '/api/ready', 'status'), otherStatuses: [503] },
};
