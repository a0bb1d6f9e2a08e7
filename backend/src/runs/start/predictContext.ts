/**
 * Predicts what the next request of a chat contains and costs. It stores nothing and calls no model. It makes the same
 * decision as the send itself, from the same input.
 */
import type { ChatContext, ContextEntry, ContextQuery } from '@rill/protocol';
import { type PlannedContext, planContext } from '../../context/buildContext.ts';
import { costOf, isBlank, type MarkedMessage } from '../../context/selectMessages.ts';
import { listBranchUsages } from '../../store/branches/branchUsages.ts';
import { type ChatKey, getChat } from '../../store/chats/chats.ts';
import { listProjectFiles } from '../../store/files/projectFiles.ts';
import { type BranchText, getShownHead, listBranchTexts } from '../../store/messageParts.ts';
import { listRecentCounts } from '../../store/money/recentCounts.ts';
import { getProject } from '../../store/projects.ts';
import { getDraft } from '../../store/unsent/drafts.ts';
import { readingFee } from '../money/readingFee.ts';
import { turnPrice } from '../money/turnPrice.ts';
import type { RunDependencies } from '../runDependencies.ts';
import { chooseModel, contextRequest } from './contextRequest.ts';
import { resolveOptions } from './storedRunOptions.ts';

type PredictDependencies = Pick<
  RunDependencies,
  'database' | 'models' | 'llm' | 'settings' | 'budgets' | 'clock'
>;

/** Errors: not_found. */
export async function predictContext(
  dependencies: PredictDependencies,
  key: ChatKey,
  query: ContextQuery,
): Promise<ChatContext> {
  const { reader } = dependencies.database;
  await dependencies.models.list();
  const chat = await getChat(reader, key);
  const project = await getProject(reader, key.ownerId, key.projectId);
  const leafId = query.leafId ?? chat.activeLeafId;
  if (query.leafId !== undefined) await getShownHead(reader, key.chatId, query.leafId);
  const stored = await listBranchTexts(reader, key.chatId, leafId);
  const { content, files } = await getDraft(reader, key);
  const model = chooseModel(dependencies, query.model, chat, project);
  const options = resolveOptions(dependencies.settings, project, chat);
  const request = contextRequest(dependencies, {
    project,
    model,
    options,
    branch: [...stored, { role: 'user', content, files }],
    projectFiles: await listProjectFiles(reader, key.projectId),
  });
  const planned = planContext(request);
  const messages = describe(stored, planned);
  const historyTokens = messages.reduce(
    (sum, entry) => sum + (entry.isIncluded ? (entry.estimatedTokens ?? 0) : 0),
    0,
  );
  const { estimatedTokens } = planned.report;
  const { instructionsTokens } = planned;
  const usages = leafId === null ? [] : await listBranchUsages(reader, key.chatId, leafId);
  const recent = await listRecentCounts(reader, key.ownerId, model);
  const nowMs = dependencies.clock.nowMs();
  const turn = { model, estimatedTokens, instructionsTokens, historyTokens, usages, recent, nowMs };
  const budget = await dependencies.budgets.describe(key);
  const price = turnPrice(dependencies.models.find(model), turn);
  const reading = await readingFee(reader, planned.messages, options);
  return {
    model,
    contextLengthTokens: request.contextLengthTokens,
    estimatedTokens,
    instructionsTokens,
    historyTokens,
    nextTokens: estimatedTokens - instructionsTokens - historyTokens,
    roomTokens: planned.budgetTokens === null ? null : Math.max(0, planned.budgetTokens - estimatedTokens),
    answerTokens: planned.answerTokens,
    isTooLarge: !planned.isFitting,
    messages,
    price: price && { ...price, ...(reading.usd > 0 && { readingUsd: reading.usd }) },
    ...(budget && { budget }),
  };
}

/** Text of excluded messages whose size is still estimated, in characters: it takes about 60 ms. */
const countedCharacters = 400_000;

function describe(stored: readonly BranchText[], { decisions }: PlannedContext): ContextEntry[] {
  let leftCharacters = countedCharacters;
  const entries: ContextEntry[] = [];
  for (const [index, { id, role, status, content, files }] of [...stored.entries()].toReversed()) {
    const decision = decisions[index];
    if (!decision) continue;
    const reason = status === 'streaming' ? 'being-written' : decision.reason;
    if (decision.estimatedTokens === null) leftCharacters -= content.length;
    const estimatedTokens =
      decision.estimatedTokens ?? (leftCharacters >= 0 ? sizeOf({ content, files }) : null);
    entries.unshift({ messageId: id, role, isIncluded: decision.isIncluded, reason, estimatedTokens });
  }
  return entries;
}

/** The size of a message if it were sent; 0 for a blank one. */
const sizeOf = (message: Pick<MarkedMessage, 'content' | 'files'>): number =>
  isBlank(message) ? 0 : costOf(message);
