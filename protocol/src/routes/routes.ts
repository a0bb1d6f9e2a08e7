/**
 * Lists every path, verb, request and response of the HTTP API. The backend validates by it, the OpenAPI document is
 * generated from it, and the client's types are derived from it.
 */
import { Type } from 'typebox';
import { Chat, Id, Message, Project, Run, RunReceipt } from '../entities/entities.ts';
import { moneyRoutes } from '../money/moneyRoutes.ts';
import { promptRoutes } from '../prompts/savedPrompt.ts';
import { archiveRoutes } from './archiveRoutes.ts';
import { ChatDetail, CreateChat, UpdateChat } from './chatBodies.ts';
import { ChatContext, ContextQuery, MarkMessage, MessageMark } from './contextBodies.ts';
import { fileRoutes } from './fileRoutes.ts';
import { providerKeyRoutes } from './keyRoutes.ts';
import { ChangedChats, EmptyBin, ManyChats, MarkedChatsQuery, UpdateChats } from './manyChatsBodies.ts';
import { EditMessage, ForkChat, MessagesChanged } from './messageBodies.ts';
import {
  ChatParams,
  FollowQuery,
  MessageParams,
  NextPageToken,
  PageQuery,
  ProjectParams,
  ResumeHeaders,
  ResumeQuery,
  SendHeaders,
  SendStreamHeaders,
} from './parameters.ts';
import { CreateProject, UpdateProject } from './projectBodies.ts';
import { NoContent, type RouteDefinition } from './routeDefinition.ts';
import { SearchQuery, SearchResult } from './searchBodies.ts';
import { CancelResult, CancelRun, SendMessage, SendResult } from './sendBodies.ts';
import { Health, ModelList, PinModel, PinnedModels, Ready, SignIn, SignOut } from './serverBodies.ts';
import { unsentRoutes } from './unsentRoutes.ts';

const defineRoutes = <Routes extends Readonly<Record<string, RouteDefinition>>>(routes: Routes): Routes =>
  routes;
const chatPath = '/api/projects/:id/chats/:chatId';

/** Every route, by the name of the client's function, in the order of PROTOCOL.md "Routes". */
export const routes = defineRoutes({
  listProjects: {
    method: 'GET',
    path: '/api/projects',
    summary: 'All projects, oldest first.',
    response: { 200: Type.Object({ projects: Type.Array(Project) }) },
  },
  createProject: {
    method: 'POST',
    path: '/api/projects',
    summary: 'Makes a project.',
    body: CreateProject,
    response: { 201: Project },
  },
  getProject: {
    method: 'GET',
    path: '/api/projects/:id',
    summary: 'One project.',
    params: ProjectParams,
    response: { 200: Project },
  },
  updateProject: {
    method: 'PATCH',
    path: '/api/projects/:id',
    summary: 'Changes the fields that are given.',
    params: ProjectParams,
    body: UpdateProject,
    response: { 200: Project },
  },
  deleteProject: {
    method: 'DELETE',
    path: '/api/projects/:id',
    summary: 'Deletes a project with its chats; running answers are cancelled first.',
    params: ProjectParams,
    response: { 204: NoContent },
  },
  listChats: {
    method: 'GET',
    path: '/api/projects/:id/chats',
    summary: 'Chats of a project, last changed first.',
    params: ProjectParams,
    querystring: PageQuery,
    response: { 200: Type.Object({ chats: Type.Array(Chat), nextPageToken: NextPageToken }) },
  },
  createChat: {
    method: 'POST',
    path: '/api/projects/:id/chats',
    summary: 'Makes a chat.',
    params: ProjectParams,
    body: CreateChat,
    response: { 201: Chat },
  },
  getChat: {
    method: 'GET',
    path: chatPath,
    summary: 'A chat with the branch that is shown and the active run, if any.',
    params: ChatParams,
    response: { 200: ChatDetail },
  },
  updateChat: {
    method: 'PATCH',
    path: chatPath,
    summary: 'Renames a chat, sets its model and options, or shows another branch.',
    params: ChatParams,
    body: UpdateChat,
    response: { 200: Chat },
  },
  deleteChat: {
    method: 'DELETE',
    path: chatPath,
    summary: 'Moves a chat to the bin; a running answer continues. Ends a temporary chat for good.',
    params: ChatParams,
    response: { 204: NoContent },
  },
  restoreChat: {
    method: 'POST',
    path: `${chatPath}/restore`,
    summary: 'Takes a chat out of the bin, as it was.',
    params: ChatParams,
    response: { 200: Chat },
  },
  keepChat: {
    method: 'POST',
    path: `${chatPath}/keep`,
    summary: 'Stores a temporary chat for good.',
    params: ChatParams,
    response: { 200: Chat },
  },
  listMarkedChats: {
    method: 'GET',
    path: '/api/chats',
    summary: 'Chats of all projects that are pinned, archived or in the bin, last marked first.',
    querystring: MarkedChatsQuery,
    response: {
      200: Type.Object({
        chats: Type.Array(Chat),
        nextPageToken: NextPageToken,
        totalCount: Type.Integer({ minimum: 0, description: 'Chats of all pages.' }),
      }),
    },
  },
  updateChats: {
    method: 'POST',
    path: '/api/chats/update',
    summary: 'Pins, archives or moves many chats, or marks them as read.',
    body: UpdateChats,
    response: { 200: ChangedChats },
  },
  deleteChats: {
    method: 'POST',
    path: '/api/chats/delete',
    summary: 'Moves many chats to the bin.',
    body: ManyChats,
    response: { 200: ChangedChats },
  },
  restoreChats: {
    method: 'POST',
    path: '/api/chats/restore',
    summary: 'Takes many chats out of the bin, as they were.',
    body: ManyChats,
    response: { 200: ChangedChats },
  },
  emptyBin: {
    method: 'POST',
    path: '/api/bin/empty',
    summary: 'Deletes chats of the bin for good, if they are as many as the request counts.',
    body: EmptyBin,
    response: { 200: ChangedChats },
  },
  forkChat: {
    method: 'POST',
    path: `${chatPath}/fork`,
    summary: 'Copies the shown branch, up to a message, into a new chat.',
    params: ChatParams,
    body: ForkChat,
    response: { 201: Chat },
  },
  editMessage: {
    method: 'POST',
    path: `${chatPath}/messages/:messageId/versions`,
    summary: "Stores the user's version of an answer as its sibling, and shows it.",
    params: MessageParams,
    body: EditMessage,
    response: { 201: Message },
  },
  deleteMessage: {
    method: 'DELETE',
    path: `${chatPath}/messages/:messageId`,
    summary: 'Deletes a message and all below it; a running answer among them is cancelled first.',
    params: MessageParams,
    response: { 200: MessagesChanged },
  },
  restoreMessage: {
    method: 'POST',
    path: `${chatPath}/messages/:messageId/restore`,
    summary: 'Restores a deleted message and what was deleted with it.',
    params: MessageParams,
    response: { 200: MessagesChanged },
  },
  getContext: {
    method: 'GET',
    path: `${chatPath}/context`,
    summary: 'What the next request would contain, message by message, and what it would cost.',
    params: ChatParams,
    querystring: ContextQuery,
    response: { 200: ChatContext },
  },
  markMessage: {
    method: 'PUT',
    path: `${chatPath}/messages/:messageId/mark`,
    summary: 'Pins a message into the context, keeps it out, or neither.',
    params: MessageParams,
    body: MarkMessage,
    response: { 200: MessageMark },
  },
  sendMessage: {
    method: 'POST',
    path: `${chatPath}/messages`,
    summary: 'Sends a message and answers once with the whole answer.',
    params: ChatParams,
    headers: SendHeaders,
    body: SendMessage,
    response: { 200: SendResult },
  },
  sendMessageStream: {
    method: 'POST',
    path: `${chatPath}/messages/stream`,
    summary:
      'Sends a message and answers with the event stream of its run. 204 when nothing follows the cursor.',
    params: ChatParams,
    headers: SendStreamHeaders,
    querystring: FollowQuery,
    body: SendMessage,
    response: { 204: NoContent },
    isStream: true,
  },
  resumeStream: {
    method: 'GET',
    path: `${chatPath}/messages/stream`,
    summary: 'Attaches to the active run, or continues from a cursor. 204 when there is nothing more.',
    params: ChatParams,
    headers: ResumeHeaders,
    querystring: ResumeQuery,
    response: { 204: NoContent },
    isStream: true,
  },
  cancelRun: {
    method: 'POST',
    path: `${chatPath}/cancel`,
    summary: 'Ends the active run, or the run that is named; the text so far is kept.',
    params: ChatParams,
    body: Type.Optional(CancelRun),
    response: { 200: CancelResult, 202: CancelResult },
  },
  ...unsentRoutes,
  ...fileRoutes,
  followFeed: {
    method: 'GET',
    path: '/api/events',
    summary: "The user's feed: an event stream of changes to projects, chats and runs.",
    headers: ResumeHeaders,
    querystring: ResumeQuery,
    response: {},
    isStream: true,
  },
  getRun: {
    method: 'GET',
    path: '/api/runs/:runId',
    summary: 'The state of one run.',
    params: Type.Object({ runId: Id }),
    response: { 200: Run },
  },
  search: {
    method: 'GET',
    path: '/api/search',
    summary: 'Chats and messages that have the words, newest first.',
    querystring: SearchQuery,
    response: { 200: SearchResult },
  },
  getReceipt: {
    method: 'GET',
    path: '/api/runs/:runId/receipt',
    summary: 'What a run was asked with: the instructions and options of then.',
    params: Type.Object({ runId: Id }),
    response: { 200: RunReceipt },
  },
  listModels: {
    method: 'GET',
    path: '/api/models',
    summary: 'The models that can be asked, with pins and own speeds.',
    response: { 200: ModelList },
  },
  pinModel: {
    method: 'PUT',
    path: '/api/models/pin',
    summary: 'Pins a model, or does so no longer.',
    body: PinModel,
    response: { 200: PinnedModels },
  },
  ...archiveRoutes,
  ...moneyRoutes,
  ...promptRoutes,
  ...providerKeyRoutes,
  signIn: {
    method: 'POST',
    path: '/api/session',
    summary: 'Signs in with the access token; answers with a cookie.',
    body: SignIn,
    maxBodyBytes: 4096,
    response: { 204: NoContent },
  },
  signOut: {
    method: 'DELETE',
    path: '/api/session',
    summary: 'Signs out: ends this session, or every session of the user.',
    querystring: SignOut,
    response: { 204: NoContent },
  },
  health: { method: 'GET', path: '/api/health', summary: 'The process is alive.', response: { 200: Health } },
  ready: {
    method: 'GET',
    path: '/api/ready',
    summary: 'The server takes new messages.',
    response: { 200: Ready, 503: Ready },
  },
});

/** Version of the wire contract, sent as `Rill-Protocol`. */
export const protocolVersion = 1;
