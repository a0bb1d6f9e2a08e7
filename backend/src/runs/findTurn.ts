/** What a send asks to have answered: a new user message, or a place in the chat that was answered before. */
import { type Chat, type Message, RillError, type SendMessage } from '@rill/protocol';
import type { WriteTransaction } from '../database/sqliteDatabase.ts';
import { getMessage, listBranch } from '../store/messages.ts';
import { newUserMessage } from './newMessages.ts';
import type { RunDependencies } from './runDependencies.ts';

/** Where an answer goes, and what it answers. */
export interface Turn {
  /** Null when no message is sent. */
  readonly userMessage: Message | null;
  /** What the answer follows. */
  readonly parentId: string;
  /** Root first, the message to answer last. */
  readonly branch: readonly Message[];
}

interface TurnRequest {
  readonly chatId: string;
  readonly body: SendMessage;
}

/** Chooses the turn; nothing is stored here. Errors: bad_request, not_found. */
export async function findTurn(
  { clock, newId }: Pick<RunDependencies, 'clock' | 'newId'>,
  { chatId, body }: TurnRequest,
  transaction: WriteTransaction,
  chat: Chat,
): Promise<Turn> {
  if (body.regenerateOf !== undefined) {
    if (body.content !== undefined || body.parentId !== undefined) {
      throw new RillError('bad_request', {
        message: 'An answer written anew takes no content and no parent.',
      });
    }
    return findRegeneratedTurn(transaction, chatId, body.regenerateOf);
  }
  if (body.content === undefined) throw new RillError('bad_request', { message: 'A message needs content.' });
  const parentId = body.parentId === undefined ? chat.activeLeafId : body.parentId;
  if (parentId !== null && (await getMessage(transaction, chatId, parentId)).role !== 'assistant') {
    throw new RillError('bad_request', { message: 'A message can only follow an answer.' });
  }
  const userMessage = newUserMessage({
    id: newId(),
    chatId,
    parentId,
    content: body.content.toWellFormed(),
    nowMs: clock.nowMs(),
  });
  const branch = [...(await listBranch(transaction, chatId, parentId)), userMessage];
  return { userMessage, parentId: userMessage.id, branch };
}

async function findRegeneratedTurn(
  transaction: WriteTransaction,
  chatId: string,
  answerId: string,
): Promise<Turn> {
  const answer = await getMessage(transaction, chatId, answerId);
  if (answer.role !== 'assistant' || answer.parentId === null) {
    throw new RillError('bad_request', { message: 'Only an answer can be written anew.' });
  }
  return {
    userMessage: null,
    parentId: answer.parentId,
    branch: await listBranch(transaction, chatId, answer.parentId),
  };
}
