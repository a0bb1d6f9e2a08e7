/** Defines the prediction of a chat's next request, and the marks of messages for it. */
import { type Static, Type } from 'typebox';
import { ContextMark, Id, Message } from '../entities/entities.ts';
import { closed, ModelId, nullable } from '../entities/fieldSchemas.ts';
import { Budget } from '../money/moneyRoutes.ts';

/**
 * Why a message is in the next request or not. Included: `answered` (what the model answers), `pinned`,
 * `question-of-pinned`, `summary` (it replaces what is above it), `fits`. Excluded: `kept-out` by the user,
 * `summarised`, `no-room`, `no-question` (its question is excluded), `blank`, `being-written`.
 */
export const ContextReason = Type.Union([
  Type.Literal('answered'),
  Type.Literal('pinned'),
  Type.Literal('question-of-pinned'),
  Type.Literal('summary'),
  Type.Literal('fits'),
  Type.Literal('kept-out'),
  Type.Literal('summarised'),
  Type.Literal('no-room'),
  Type.Literal('no-question'),
  Type.Literal('blank'),
  Type.Literal('being-written'),
]);
export type ContextReason = Static<typeof ContextReason>;

const Tokens = (description: string) =>
  Type.Integer({ minimum: 0, description: `${description}, in tokens, estimated.` });

/** A message of the branch, and its role in the next request. */
export const ContextEntry = Type.Object({
  messageId: Id,
  role: Message.properties.role,
  isIncluded: Type.Boolean(),
  reason: ContextReason,
  estimatedTokens: nullable(Tokens('Its size; null for one too old to be counted')),
});
export type ContextEntry = Static<typeof ContextEntry>;

/** What the next turn costs if the estimates are right: US dollars at the prices that the provider lists. */
export const TurnPrice = Type.Object({
  promptUsd: Type.Number({ description: 'All that is sent, less what a cache saves.' }),
  savedUsd: Type.Optional(
    Type.Number({
      description: 'What a cache probably saves, going by the last answers; absent for nothing.',
    }),
  ),
  readingUsd: Type.Optional(
    Type.Number({
      description:
        'What reading scanned pages costs beside it, as far as their number is known; absent for nothing.',
    }),
  ),
  historyUsd: Type.Number({ description: 'The part of it for earlier messages.' }),
  answerUsd: nullable(
    Type.Number({ description: 'An answer as long as those so far; null when there is none to go by.' }),
  ),
});
export type TurnPrice = Static<typeof TurnPrice>;

/** The monthly budget with the least left for a chat; its fields are those of `Budget`. */
export const ChatBudget = Type.Object({
  projectId: nullable(Id),
  monthlyUsd: Type.Number({ description: 'US dollars.' }),
  spentUsd: Budget.properties.spentUsd,
  reservedUsd: Budget.properties.reservedUsd,
  endsAtMs: Budget.properties.endsAtMs,
});
export type ChatBudget = Static<typeof ChatBudget>;

/**
 * The content of a request that would follow `leafId` with the text in the composer. It is decided by the function that
 * builds the request, so both are equal until something changes.
 */
export const ChatContext = Type.Object({
  model: Type.String(),
  contextLengthTokens: nullable(
    Type.Integer({
      minimum: 0,
      description: 'What the model reads and writes together; null when not known.',
    }),
  ),
  estimatedTokens: Tokens('All that is sent'),
  instructionsTokens: Tokens("The project's instructions"),
  historyTokens: Tokens('Messages of the branch that are sent'),
  nextTokens: Tokens('What is written in the composer'),
  roomTokens: nullable(Tokens('What still fits; null when the limit is not known')),
  answerTokens: Tokens('Kept free for the answer'),
  isTooLarge: Type.Boolean({ description: 'True when a send would be refused with `context_too_large`.' }),
  messages: Type.Array(ContextEntry, { description: 'The branch, root first.' }),
  price: nullable(TurnPrice),
  budget: Type.Optional(ChatBudget),
});
export type ChatContext = Static<typeof ChatContext>;

/** The branch and the model of the prediction; those of the chat where absent. */
export const ContextQuery = Type.Object({ leafId: Type.Optional(Id), model: Type.Optional(ModelId) });
export type ContextQuery = Static<typeof ContextQuery>;

/** Marks a message for later requests; null removes the mark. */
export const MarkMessage = Type.Object({ mark: nullable(ContextMark) }, closed);
export type MarkMessage = Static<typeof MarkMessage>;

/** A message and its mark. */
export const MessageMark = Type.Object({ messageId: Id, mark: nullable(ContextMark) });
export type MessageMark = Static<typeof MessageMark>;
