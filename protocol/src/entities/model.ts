/** Describes a model: what the provider says of it, and the speed measured in the user's own answers. */
import { type Static, Type } from 'typebox';
import { nullable } from './fieldSchemas.ts';
import { ReasoningEffort } from './generationOptions.ts';

const words = (description: string) => Type.Optional(Type.Array(Type.String(), { description }));

/** Lengths in tokens, prices in US dollars per token. */
export const Model = Type.Object({
  id: Type.String(),
  name: Type.String(),
  contextLengthTokens: nullable(
    Type.Integer({ description: 'What it can read and write together, in tokens; null when not known.' }),
  ),
  maxCompletionTokens: nullable(
    Type.Integer({ description: 'Longest answer, in tokens; null when not known.' }),
  ),
  promptUsdPerToken: nullable(Type.Number({ description: 'US dollars; null when not known.' })),
  completionUsdPerToken: nullable(Type.Number({ description: 'US dollars; null when not known.' })),
  cacheReadUsdPerToken: Type.Optional(
    Type.Number({
      description: 'Of a prompt token read from a cache, in US dollars; absent when not known.',
    }),
  ),
  isReasoning: Type.Boolean({ description: 'True when it can write reasoning before its answer.' }),
  inputModalities: words('What it reads, such as `text`, `image` and `file`; absent when not known.'),
  outputModalities: words('What it writes, such as `text` and `image`; absent when not known.'),
  supportedParameters: words("What a request may set, in the provider's names; absent when not known."),
  reasoningEfforts: Type.Optional(
    Type.Array(ReasoningEffort, { description: 'The efforts that it distinguishes; absent when not known.' }),
  ),
});
export type Model = Static<typeof Model>;

/** How fast a model was in the user's own newest answers: medians. */
export const ModelSpeed = Type.Object({
  answerCount: Type.Integer({ minimum: 1, description: 'The answers of which these are the medians.' }),
  firstTextMs: Type.Number({ minimum: 0, description: 'From the send to the first text, in milliseconds.' }),
  tokensPerSecond: nullable(
    Type.Number({ minimum: 0, description: 'While text came; null when the answers were too short to say.' }),
  ),
});
export type ModelSpeed = Static<typeof ModelSpeed>;
