/** Makes the requests that are measured while the database grows: page loads, a resume and a send. */
import { readStream, timedDelete, timedGet } from '../support/timedRequest.ts';
import {
  chatId,
  longChat,
  longChatMessages,
  messageId,
  messagesPerChat,
  projectCount,
  projectId,
  projectOf,
  runId,
  updatedAtMs,
} from './fillDatabase.ts';

export interface PageRequest {
  readonly name: string;
  /** Makes one request to a chat that it chooses; resolves with the milliseconds. `turn` differs at every call. */
  measure(url: string, chatCount: number, turn: number): Promise<number>;
}

/** A chat of the first project, which has half of all chats. Its number is even, because odd ones are deleted. */
const anyChat = (chatCount: number): number => Math.floor(Math.random() * (chatCount / 2)) * 2;
const pathOf = (chat: number): string =>
  `/api/projects/${projectId(chat === longChat ? 0 : projectOf(chat))}/chats/${chatId(chat)}`;
const chatsOf = (project: number): string => `/api/projects/${projectId(project)}/chats`;

const get = async (url: string): Promise<number> => (await timedGet(url)).ms;
const hasFrame = ({ frameCount }: { frameCount: number }): boolean => frameCount > 0;

export const pageRequests: readonly PageRequest[] = [
  { name: `projects (${projectCount})`, measure: (url) => get(`${url}/api/projects`) },
  { name: 'chats, first 200', measure: (url) => get(`${url}${chatsOf(0)}`) },
  {
    name: 'chats, 200 from the middle',
    measure: (url, chatCount) => {
      const middle = Math.floor(chatCount / 4) * 2;
      return get(`${url}${chatsOf(0)}?pageToken=${updatedAtMs(middle)}.${chatId(middle)}`);
    },
  },
  {
    name: `a chat of ${messagesPerChat} messages`,
    measure: (url, chatCount) => get(`${url}${pathOf(anyChat(chatCount))}`),
  },
  {
    name: `a chat of ${longChatMessages} messages`,
    measure: (url) => get(`${url}${pathOf(longChat)}`),
  },
  {
    name: 'resume of an ended answer',
    async measure(url, chatCount) {
      const chat = anyChat(chatCount);
      const cursor = `${runId(chat, messagesPerChat - 21)}.0.0.0`;
      const read = await readStream(`${url}${pathOf(chat)}/messages/stream?cursor=${cursor}`, {
        isCaughtUp: ({ isEnded }) => isEnded,
      });
      return read.caughtUpMs;
    },
  },
  {
    name: 'feed, first event',
    measure: async (url) =>
      (await readStream(`${url}/api/events`, { isCaughtUp: hasFrame, leaves: true })).caughtUpMs,
  },
  {
    name: 'send, to the first text',
    async measure(url, chatCount) {
      const chat = anyChat(chatCount);
      // Follows the end of the generated branch, so that an earlier send to the chat changes nothing.
      const body = JSON.stringify({ content: 'And then?', parentId: messageId(chat, messagesPerChat - 1) });
      const read = await readStream(`${url}${pathOf(chat)}/messages/stream`, {
        body,
        isCaughtUp: ({ contentLength }) => contentLength > 0,
      });
      return read.caughtUpMs;
    },
  },
  {
    name: `deletion of a chat of ${messagesPerChat} messages`,
    measure: async (url, chatCount, turn) =>
      (await timedDelete(`${url}${pathOf(chatCount - 1 - 2 * turn)}`)).ms,
  },
];
