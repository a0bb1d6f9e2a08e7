/**
 * Tells the other processes of a database that a temporary chat of this one has changed, so that their readers read it
 * again. Invariant: what is told has ids and revision numbers, and nothing that was written.
 */
import type { FeedEvent } from '@rill/protocol';
import type { Queryable } from '../../database/database.ts';
import type { Hints, TemporaryNews } from '../../hints/hints.ts';
import { listNodeStarts } from '../../store/chats/nodeStarts.ts';

export interface TemporaryNewsOptions {
  readonly reader: Queryable;
  readonly hints: Pick<Hints, 'publish'>;
  readonly bootId: string;
  readonly logger: { warn(fields: object, message: string): void };
}

/** The returned function never fails: news that are lost are seen when the chat is read for the next time. */
export function createTemporaryNews(
  options: TemporaryNewsOptions,
): (ownerId: string, events: readonly FeedEvent[]) => void {
  return (ownerId, events) => {
    const news = events.map(toNews).filter((each) => each !== null);
    if (news.length === 0) return;
    tell(options, ownerId, news).catch((error: unknown) =>
      options.logger.warn({ err: error }, 'a change of a temporary chat was not told to the other nodes'),
    );
  };
}

async function tell(
  { reader, hints, bootId }: TemporaryNewsOptions,
  ownerId: string,
  news: readonly TemporaryNews[],
): Promise<void> {
  for (const other of await listNodeStarts(reader)) {
    if (other.bootId === bootId) continue;
    for (const event of news) hints.publish(other.bootId, { type: 'temporary-change', ownerId, event });
  }
}

/** Events that carry what was written become one that only says whose messages to read again. */
function toNews(event: FeedEvent): TemporaryNews | null {
  switch (event.type) {
    case 'chat-delete':
    case 'queue-change':
    case 'messages-change':
      return event;
    case 'draft-change': {
      const { chatId } = event.data;
      return chatId === null ? null : { type: event.type, data: { ...event.data, chatId } };
    }
    case 'chat-change':
      return readAgain(event.data.chat.projectId, event.data.chat.id);
    case 'run-change':
      return readAgain(event.data.run.projectId, event.data.run.chatId);
    case 'message-change':
      return readAgain(event.data.projectId, event.data.chatId);
    default:
      return null;
  }
}

const readAgain = (projectId: string, chatId: string): TemporaryNews => ({
  type: 'messages-change',
  data: { projectId, chatId },
});
