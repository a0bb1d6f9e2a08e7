/** Sends the content of the composer, or queues it while an answer is running. */
import type { ChatAnnouncer } from '../chatNotice.ts';
import type { ChatReading } from '../chatReading.svelte.ts';
import type { ChatRecord } from '../chatRecord.svelte.ts';
import { filesOf, isNothing, isSame, type Written } from '../files/written.ts';
import type { ChatRuns } from '../run/chatRuns.svelte.ts';
import type { ChatQueue } from './chatQueue.svelte.ts';
import type { Outbox } from './outbox.svelte.ts';

export interface SendParts {
  readonly outbox: Outbox;
  readonly queue: ChatQueue;
  readonly runs: ChatRuns;
  readonly record: ChatRecord;
  readonly reading: ChatReading;
  readonly announcer: ChatAnnouncer;
  readonly nowMs: () => number;
  readonly newId: () => string;
  /** Reads the chat. */
  readonly load: () => Promise<void>;
  /** Called when the first message is being sent and the chat has an id. */
  readonly onNamed: (chatId: string) => void;
}

export async function sendWritten(parts: SendParts, content: string): Promise<void> {
  const { outbox, queue, runs, record, reading } = parts;
  const written: Written = { content, ...(content === outbox.draft && filesOf(outbox)) };
  if (isNothing(written)) return;
  if (reading.state === 'loading') {
    // It was requested before the chat existed.
    await parts.load();
    if ((reading.state as ChatReading['state']) !== 'ready' || content !== outbox.draft) return;
  }
  const message = { key: parts.newId(), ...written, createdAtMs: parts.nowMs() };
  if (runs.live) {
    const isAdded = queue.add({ ...message, model: record.model });
    // Only now: the message is in the browser's storage.
    if (isSame(written, outbox.written)) outbox.replace({ content: '' });
    parts.announcer.announce({ type: 'queued', position: queue.messages.length });
    return await isAdded;
  }
  const isFirst = reading.isUnmade;
  runs.putOnItsWay(message);
  if (isFirst) parts.onNamed(record.name());
  await runs.send(message);
}

/** Moves a queued message back into the composer, before the text there. */
export async function editQueued({ outbox, queue }: SendParts, key: string): Promise<void> {
  const queued = queue.messages.find((message) => message.key === key);
  if (!queued) return;
  const before = outbox.written;
  // First, so that the text is never nowhere.
  outbox.giveBack(queued);
  const edited = outbox.written;
  if (!(await queue.remove(key)) && isSame(outbox.written, edited)) outbox.replace(before);
}
