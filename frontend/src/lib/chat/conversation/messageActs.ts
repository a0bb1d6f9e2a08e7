/**
 * Changes the messages of one chat at the server: edits, marks, forks, deletes and restores. Invariant: a change counts
 * as done only once the chat was read again, and no written text is lost.
 */
import type { Chat, ChatContext, ContextMark, RillError } from '@rill/protocol';
import { asSent, filesOf, isNothing } from '../files/written.ts';
import { asRillError } from '../rillError.ts';
import type { Conversation } from './conversation.svelte.ts';
import type { OpenEdit } from './messageEdit.svelte.ts';

/** Sends the edited message as another version, or stores that of an answer. A running answer is stopped first. */
export async function saveEdit(conversation: Conversation): Promise<void> {
  const edit = conversation.shownEdit;
  if (!edit || isNothing({ content: edit.text, files: edit.files })) return;
  await conversation.parts.runs.stop();
  if (edit.role === 'user') await resend(conversation, edit);
  else await saveAnswer(conversation, edit);
}

/** Copies the shown branch, up to a message, into a new chat; null when that failed. */
export async function forkChat(conversation: Conversation, messageId: string): Promise<Chat | null> {
  const { client, record, newChatId } = conversation.parts;
  const id = newChatId();
  let fork: Chat | null = null;
  await attempt(conversation, async () => {
    fork = await client.forkChat({ ...record.ref, messageId, id });
  });
  return fork;
}

/** Deletes a message and all below it; all parts of an answer go together. */
export async function deleteMessage(conversation: Conversation, messageId: string): Promise<void> {
  const { client, record, branch, reading, runs } = conversation.parts;
  const [first] = branch.partsOf(messageId);
  if (!first) return;
  const partCount = branch.partsOf(messageId).length;
  await runs.stop();
  await attempt(conversation, async () => {
    const { messageCount } = await client.deleteMessage({ ...record.ref, messageId: first.id });
    conversation.deletion = { messageId: first.id, belowCount: Math.max(0, messageCount - partCount) };
    await reading.read();
  });
}

/** Undoes the last deletion. */
export async function undoDeletion(conversation: Conversation): Promise<void> {
  if (conversation.deletion) await restoreMessage(conversation, conversation.deletion.messageId);
}

export async function restoreMessage(conversation: Conversation, messageId: string): Promise<void> {
  const { client, record, reading } = conversation.parts;
  if (conversation.deletion?.messageId === messageId) conversation.deletion = null;
  await attempt(conversation, async () => {
    await client.restoreMessage({ ...record.ref, messageId });
    await reading.read();
  });
}

/** Pins a message into the context or excludes it, with all parts of an answer. True on success. */
export async function markMessage(
  conversation: Conversation,
  messageId: string,
  mark: ContextMark | null,
): Promise<boolean> {
  const { client, record, branch, reading } = conversation.parts;
  return await attempt(conversation, async () => {
    for (const { id } of branch.partsOf(messageId)) {
      await client.markMessage({ ...record.ref, messageId: id, mark });
    }
    await reading.read();
  });
}

/** Asks the model for a summary of the shown branch, which replaces it in the context from then on. */
export async function shortenChat(conversation: Conversation, content: string): Promise<void> {
  const { branch, runs, nowMs, newId, reading, problem } = conversation.parts;
  const parentId = branch.messages.at(-1)?.id;
  if (parentId === undefined || runs.live) return;
  const key = newId();
  conversation.sending = { key, content, createdAtMs: nowMs(), failure: null };
  const onSent = () => (conversation.sending = null);
  const onUnsent = (error: RillError) => {
    conversation.sending = null;
    problem.report(error);
    void reading.read();
  };
  const request = { content, parentId, contextMark: 'summary', idempotencyKey: key } as const;
  await runs.start(request, { key: `answer:${key}`, sends: key, onSent, onUnsent });
}

/** Reads what the next request would contain, with the model that is chosen here. */
export function readContext(
  conversation: Conversation,
  model: string | null,
  signal: AbortSignal,
): Promise<ChatContext> {
  const { client, record } = conversation.parts;
  return client.getContext({ ...record.ref, ...(model !== null && { model }), signal });
}

/** True on success. */
async function attempt(conversation: Conversation, action: () => Promise<void>): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (error) {
    conversation.parts.problem.report(asRillError(error));
    return false;
  }
}

async function saveAnswer(
  conversation: Conversation,
  { messageId, throughId, text }: OpenEdit,
): Promise<void> {
  const { client, record, reading } = conversation.parts;
  const through = throughId === messageId ? {} : { throughId };
  const isSaved = await attempt(conversation, async () => {
    await client.editMessage({ ...record.ref, messageId, content: text, ...through });
    await reading.read();
  });
  if (isSaved) conversation.edit.forget();
}

/** Stays an edit until the server has it: a message that could not be sent opens its edit box again. */
async function resend(conversation: Conversation, edit: OpenEdit): Promise<void> {
  const { branch, runs, nowMs, reading, problem } = conversation.parts;
  const original = branch.messages.find(({ id }) => id === edit.messageId);
  if (!original) return;
  const { text: content, files, key } = edit;
  conversation.sending = { key, content, ...filesOf({ files }), createdAtMs: nowMs(), failure: null };
  conversation.edit.close();
  branch.cutBefore(original);
  const onSent = () => {
    conversation.sending = null;
    conversation.edit.forget();
  };
  const onUnsent = (error: RillError) => {
    conversation.sending = null;
    conversation.edit.start(edit);
    branch.endCut();
    problem.report(error);
    void reading.read();
  };
  const request = {
    ...asSent({ content, files }),
    parentId: original.parentId,
    idempotencyKey: key,
  };
  await runs.start(request, { key: `answer:${key}`, sends: key, onSent, onUnsent });
}
