/**
 * Says what the next request of a chat would contain and cost. Stores nothing and asks no model. The decision is that of
 * the send itself, on the same input.
 */
import type { ChatContext, ContextEntry, ContextQuery, Model, TurnPrice, Usage } from '@rill/protocol';
import { type PlannedContext, planContext } from '../../context/buildContext.ts';
import { costOf, isBlank, type MarkedMessage } from '../../context/selectMessages.ts';
import { type BranchUsage, listBranchUsages } from '../../store/branches/branchUsages.ts';
import { type ChatKey, getChat } from '../../store/chats/chats.ts';
import { type BranchText, getShownHead, listBranchTexts } from '../../store/messageParts.ts';
import { getProject } from '../../store/projects.ts';
import { getDraft } from '../../store/unsent/drafts.ts';
import type { RunDependencies } from '../runDependencies.ts';
import { chooseModel, contextRequest } from './contextRequest.ts';
import { resolveOptions } from './storedRunOptions.ts';

type PredictDependencies = Pick<RunDependencies, 'database' | 'models' | 'llm' | 'settings'>;

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
  const request = contextRequest(dependencies, {
    project,
    model,
    options: resolveOptions(dependencies.settings, project, chat),
    branch: [...stored, { role: 'user', content, files }],
  });
  const planned = planContext(request);
  const messages = describe(stored, planned);
  const historyTokens = messages.reduce(
    (sum, entry) => sum + (entry.isIncluded ? (entry.estimatedTokens ?? 0) : 0),
    0,
  );
  const { estimatedTokens } = planned.report;
  const usages = leafId === null ? [] : await listBranchUsages(reader, key.chatId, leafId);
  return {
    model,
    contextLengthTokens: request.contextLengthTokens,
    estimatedTokens,
    instructionsTokens: planned.instructionsTokens,
    historyTokens,
    nextTokens: estimatedTokens - planned.instructionsTokens - historyTokens,
    roomTokens: planned.budgetTokens === null ? null : Math.max(0, planned.budgetTokens - estimatedTokens),
    answerTokens: planned.answerTokens,
    isTooLarge: !planned.isFitting,
    messages,
    price: priceOf(dependencies.models.find(model), { model, estimatedTokens, historyTokens, usages }),
  };
}

/** Text of messages that are left out whose size is estimated all the same, in characters: it takes about 60 ms. */
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

/** What a message would take if it were sent; nothing for a blank one. */
const sizeOf = (message: Pick<MarkedMessage, 'content' | 'files'>): number =>
  isBlank(message) ? 0 : costOf(message);

interface PricedTurn {
  readonly model: string;
  readonly estimatedTokens: number;
  readonly historyTokens: number;
  readonly usages: readonly BranchUsage[];
}

/** Null when the provider lists no price. */
function priceOf(listed: Model | null, turn: PricedTurn): TurnPrice | null {
  const { promptUsdPerToken = null, completionUsdPerToken = null } = listed ?? {};
  if (promptUsdPerToken === null) return null;
  const usdPerEstimatedToken = promptUsdPerToken * correctionOf(turn);
  const lengths = turn.usages.flatMap(({ usage }) => (usage ? [usage.completionTokens] : []));
  const averageTokens = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  return {
    promptUsd: turn.estimatedTokens * usdPerEstimatedToken,
    historyUsd: turn.historyTokens * usdPerEstimatedToken,
    answerUsd:
      lengths.length > 0 && completionUsdPerToken !== null ? averageTokens * completionUsdPerToken : null,
  };
}

/** Outside of these the provider's count is of something else, such as of two calls. */
const [minCorrection, maxCorrection] = [0.5, 2];

/**
 * Real tokens for each estimated one, as the model counted its last request on this branch; 1 without one. Estimates are
 * off by a share that depends on the language, and the language of a chat stays.
 */
function correctionOf({ model, usages }: PricedTurn): number {
  const last = usages.findLast((each) => each.requestedModel === model && isCounted(each.usage));
  if (!last?.usage || !last.estimatedTokens) return 1;
  const correction = last.usage.promptTokens / last.estimatedTokens;
  return correction >= minCorrection && correction <= maxCorrection ? correction : 1;
}

const isCounted = (usage: Usage | null): boolean =>
  usage !== null && !usage.estimated && usage.promptTokens > 0;
