/** Describes how a model is asked to answer. */
import { type Static, Type } from 'typebox';
import { closed } from './fieldSchemas.ts';

/** How much the model may think before it answers: by a word, by a limit in tokens, or both. */
export const ReasoningOptions = Type.Object(
  {
    effort: Type.Optional(
      Type.Union([
        Type.Literal('none'),
        Type.Literal('minimal'),
        Type.Literal('low'),
        Type.Literal('medium'),
        Type.Literal('high'),
        Type.Literal('xhigh'),
        Type.Literal('max'),
      ]),
    ),
    maxTokens: Type.Optional(Type.Integer({ minimum: 1, description: 'Limit of the reasoning, in tokens.' })),
  },
  closed,
);

/** How the model is asked to answer. A parameter that the model lacks is ignored by the provider. */
export const GenerationOptions = Type.Object(
  {
    temperature: Type.Optional(Type.Number({ minimum: 0, maximum: 2 })),
    topP: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1 })),
    maxTokens: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Limit of the answer, in tokens.' }),
    ),
    seed: Type.Optional(Type.Integer()),
    stop: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { maxItems: 4 })),
    reasoning: Type.Optional(ReasoningOptions),
  },
  closed,
);
export type GenerationOptions = Static<typeof GenerationOptions>;
