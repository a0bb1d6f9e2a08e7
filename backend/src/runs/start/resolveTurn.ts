/**
 * Resolves what a send asks the model to answer: a new user message, the question of an answer that is regenerated, or
 * a truncated answer that is continued.
 */
import {
  blankMessage,
  type Chat,
  type FileReference,
  isCutShort,
  type Message,
  RillError,
  type SendMessage,
} from '@rill/protocol';
import type { WriteTransaction } from '../../database/database.ts';
import { together } from '../../database/together.ts';
import { getFiles } from '../../store/files/files.ts';
import { type BranchText, getShownHead, listBranchTexts } from '../../store/messageParts.ts';
import type { RunDependencies } from '../runDependencies.ts';

/** What is to be answered, and which message the answer follows. */
interface Answered {
  /** The message to store; null for a regeneration or a continuation. */
  readonly userMessage: Message | null;
  /** The message that the answer follows. */
  readonly parentId: string;
  /** Root first, the message to answer or to continue last. */
  readonly branch: readonly BranchText[];
}

/** The input of the model for one turn. */
export interface Turn extends Answered {
  /** Given before the first message. */
  readonly projectFiles: readonly FileReference[];
}

interface TurnRequest {
  readonly projectId: string;
  readonly ownerId: string;
  readonly chatId: string;
  readonly body: SendMessage;
}

/** Stores nothing. Errors: bad_request, not_found. */
export async function resolveTurn(
  dependencies: Pick<RunDependencies, 'clock' | 'newId'>,
  request: TurnRequest,
  transaction: WriteTransaction,
  chat: Chat,
): Promise<Answered> {
  const { chatId, body } = request;
  const { regenerateOf, continueOf } = body;
  if (regenerateOf === undefined && continueOf === undefined) {
    return resolveNewMessage(dependencies, request, transaction, chat);
  }
  checkNamesOnlyAnAnswer(body);
  return regenerateOf !== undefined
    ? resolveRegeneration(transaction, chatId, regenerateOf)
    : resolveContinuation(transaction, chatId, continueOf ?? '');
}

/**
 * The text of the answers at the end of a branch, which are the parts of one answer; '' when the branch ends with a
 * question.
 */
export function continuedText(branch: readonly BranchText[]): string {
  const lastQuestion = branch.findLastIndex(({ role }) => role === 'user');
  return branch
    .slice(lastQuestion + 1)
    .map(({ content }) => content)
    .join('');
}

async function resolveNewMessage(
  { clock, newId }: Pick<RunDependencies, 'clock' | 'newId'>,
  { ownerId, chatId, body }: TurnRequest,
  transaction: WriteTransaction,
  chat: Chat,
): Promise<Answered> {
  const parentId = body.parentId === undefined ? chat.activeLeafId : body.parentId;
  // It may also follow a question without an answer, as a deleted answer leaves one; the model gets both as one.
  const [files, , earlier] = await together([
    getFiles(transaction, ownerId, body.fileIds ?? []),
    parentId === null ? Promise.resolve(null) : getShownHead(transaction, chatId, parentId),
    listBranchTexts(transaction, chatId, parentId),
  ]);
  if (body.content === undefined && files.length === 0)
    throw new RillError('bad_request', { message: 'A message needs content.' });
  const userMessage: Message = {
    ...blankMessage(),
    id: newId(),
    chatId,
    parentId,
    role: 'user',
    status: 'completed',
    content: body.content?.toWellFormed() ?? '',
    ...(files.length > 0 && { files }),
    runId: null,
    model: null,
    ...(body.contextMark && { contextMark: body.contextMark }),
    createdAtMs: clock.nowMs(),
  };
  const branch = [...earlier, userMessage];
  return { userMessage, parentId: userMessage.id, branch };
}

function checkNamesOnlyAnAnswer(body: SendMessage): void {
  const { content, fileIds, parentId, contextMark, regenerateOf, continueOf } = body;
  if (content !== undefined || fileIds !== undefined || parentId !== undefined || contextMark !== undefined) {
    throw new RillError('bad_request', {
      message:
        'A send that regenerates or continues an answer takes no content, no files, no parent and no mark.',
    });
  }
  if (regenerateOf !== undefined && continueOf !== undefined) {
    throw new RillError('bad_request', {
      message: 'A send either regenerates an answer or continues one, not both.',
    });
  }
}

/** A continuation is stored as a child of the answer, so that it can be regenerated without losing the first part. */
async function resolveContinuation(
  transaction: WriteTransaction,
  chatId: string,
  answerId: string,
): Promise<Answered> {
  const [head, branch] = await together([
    getShownHead(transaction, chatId, answerId),
    listBranchTexts(transaction, chatId, answerId),
  ]);
  if (!isCutShort(head))
    throw new RillError('bad_request', { message: 'Only an answer that was cut short can be continued.' });
  // The answer was too long to be read; without it the model would start over.
  if (branch.at(-1)?.content === '') throw new RillError('context_too_large');
  return { userMessage: null, parentId: answerId, branch };
}

async function resolveRegeneration(
  transaction: WriteTransaction,
  chatId: string,
  answerId: string,
): Promise<Answered> {
  const { role, id, parentId: questionId } = await getShownHead(transaction, chatId, answerId);
  // A question can be named itself: it may have no answer that is not deleted.
  const parentId = role === 'user' ? id : questionId;
  if (parentId === null)
    throw new RillError('bad_request', { message: 'Only an answer can be regenerated.' });
  return { userMessage: null, parentId, branch: await listBranchTexts(transaction, chatId, parentId) };
}
