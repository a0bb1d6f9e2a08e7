/** Provides one event of each type of the feed, for tests of both sides. */
import type { FeedEvent } from '../src/index.ts';
import { sampleChat, sampleIds, sampleProject, sampleRun, sampleUsage } from './sampleEntities.ts';

const { projectId, chatId, messageId } = sampleIds;

export const sampleFeedEvents: readonly FeedEvent[] = [
  { type: 'feed-start', data: { isWhole: false } },
  { type: 'project-change', data: { project: sampleProject() } },
  { type: 'chat-change', data: { chat: sampleChat() } },
  { type: 'run-change', data: { run: sampleRun() } },
  { type: 'message-change', data: { projectId, chatId, messageId, usage: sampleUsage() } },
  { type: 'draft-change', data: { projectId, chatId, revision: 3, writer: 'tab-1' } },
  { type: 'queue-change', data: { projectId, chatId, revision: 2 } },
  { type: 'messages-change', data: { projectId, chatId } },
  { type: 'models-change', data: { isDemo: false } },
  { type: 'chat-delete', data: { projectId, chatId } },
  { type: 'project-delete', data: { projectId } },
];
