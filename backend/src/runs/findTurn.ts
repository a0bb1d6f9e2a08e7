/** What a send asks to have answered: a new user message, or a place in the chat that was answered before. */
import { type Chat, isCutShort, type Message, RillError, type SendMessage } from '@rill/protocol';
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
  const { regenerateOf, continueOf } = body;
  if (regenerateOf !== undefined || continueOf !== undefined) {
    checkNamesOnlyAnAnswer(body);
    return regenerateOf !== undefined
      ? findRegeneratedTurn(transaction, chatId, regenerateOf)
      : findContinuedTurn(transaction, chatId, continueOf ?? '');
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

/** The text of the answers at the end of a branch, which are one answer in parts; '' when it ends with a question. */
export function answerSoFar(branch: readonly Message[]): string {
  const lastQuestion = branch.findLastIndex(({ role }) => role === 'user');
  return branch
    .slice(lastQuestion + 1)
    .map(({ content }) => content)
    .join('');
}

function checkNamesOnlyAnAnswer({ content, parentId, regenerateOf, continueOf }: SendMessage): void {
  if (content !== undefined || parentId !== undefined) {
    throw new RillError('bad_request', {
      message: 'An answer written anew or gone on with takes no content and no parent.',
    });
  }
  if (regenerateOf !== undefined && continueOf !== undefined) {
    throw new RillError('bad_request', {
      message: 'An answer is either written anew or gone on with, not both.',
    });
  }
}

/** The rest of an answer follows it in the tree, so that it can be written anew without losing the first part. */
async function findContinuedTurn(
  transaction: WriteTransaction,
  chatId: string,
  answerId: string,
): Promise<Turn> {
  if (!isCutShort(await getMessage(transaction, chatId, answerId))) {
    throw new RillError('bad_request', { message: 'Only an answer that was cut short can be gone on with.' });
  }
  return {
    userMessage: null,
    parentId: answerId,
    branch: await listBranch(transaction, chatId, answerId),
  };
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
