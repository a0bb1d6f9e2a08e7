/** Lists the routes of unsent text: drafts, and the queue of a chat. */
import { Type } from 'typebox';
import { Id } from '../entities/entities.ts';
import { ChatParams, ProjectParams, SendHeaders } from './parameters.ts';
import type { RouteDefinition } from './routeDefinition.ts';
import { AddToQueue, ChatQueue, Draft, PutDraft, UpdateQueued } from './unsentBodies.ts';

const chatPath = '/api/projects/:id/chats/:chatId';
const queuePath = `${chatPath}/queue`;
const QueuedParams = Type.Object({ ...ChatParams.properties, messageId: Id });

/** Routes of the table in `routes.ts`, by their names. */
export const unsentRoutes = {
  getDraft: {
    method: 'GET',
    path: `${chatPath}/draft`,
    summary: 'What is written in the composer of a chat.',
    params: ChatParams,
    response: { 200: Draft },
  },
  putDraft: {
    method: 'PUT',
    path: `${chatPath}/draft`,
    summary: 'Stores what is written; the later edit wins, and a text that it replaces is kept beside it.',
    params: ChatParams,
    body: PutDraft,
    response: { 200: Draft },
  },
  getNewChatDraft: {
    method: 'GET',
    path: '/api/projects/:id/draft',
    summary: 'What is written for the next new chat of a project.',
    params: ProjectParams,
    response: { 200: Draft },
  },
  putNewChatDraft: {
    method: 'PUT',
    path: '/api/projects/:id/draft',
    summary: 'Stores what is written for the next new chat of a project.',
    params: ProjectParams,
    body: PutDraft,
    response: { 200: Draft },
  },
  getQueue: {
    method: 'GET',
    path: queuePath,
    summary: 'The messages that wait in a chat.',
    params: ChatParams,
    response: { 200: ChatQueue },
  },
  addToQueue: {
    method: 'POST',
    path: queuePath,
    summary: 'Adds a message that is sent when the answers before it are complete.',
    params: ChatParams,
    headers: SendHeaders,
    body: AddToQueue,
    response: { 201: ChatQueue },
  },
  updateQueued: {
    method: 'PATCH',
    path: `${queuePath}/:messageId`,
    summary: 'Changes the text or the position of a waiting message.',
    params: QueuedParams,
    body: UpdateQueued,
    response: { 200: ChatQueue },
  },
  removeQueued: {
    method: 'DELETE',
    path: `${queuePath}/:messageId`,
    summary: 'Removes a waiting message.',
    params: QueuedParams,
    response: { 200: ChatQueue },
  },
  sendQueued: {
    method: 'POST',
    path: `${queuePath}/:messageId/send`,
    summary: 'Sends a waiting message now; a running answer is cancelled first and keeps its text.',
    params: QueuedParams,
    response: { 200: ChatQueue },
  },
  resumeQueue: {
    method: 'POST',
    path: `${queuePath}/resume`,
    summary: 'Ends the pause of a queue.',
    params: ChatParams,
    response: { 200: ChatQueue },
  },
} as const satisfies Readonly<Record<string, RouteDefinition>>;
