/** Defines the options of a request to a model. */
import { type Static, Type } from 'typebox';
import { closed, ModelId } from './fieldSchemas.ts';

/** Levels of how much a model may think, from nothing to as much as it can. */
export const ReasoningEffort = Type.Union([
  Type.Literal('none'),
  Type.Literal('minimal'),
  Type.Literal('low'),
  Type.Literal('medium'),
  Type.Literal('high'),
  Type.Literal('xhigh'),
  Type.Literal('max'),
]);
export type ReasoningEffort = Static<typeof ReasoningEffort>;
/** Every effort, the smallest first. */
export const reasoningEfforts: readonly ReasoningEffort[] = ReasoningEffort.anyOf.map((word) => word.const);

/** How much the model may think before it answers: a level, a limit in tokens, or both. */
export const ReasoningOptions = Type.Object(
  {
    effort: Type.Optional(ReasoningEffort),
    maxTokens: Type.Optional(Type.Integer({ minimum: 1, description: 'Limit of the reasoning, in tokens.' })),
  },
  closed,
);

const ProviderNames = Type.Array(Type.String({ minLength: 1, maxLength: 100, pattern: '^\\S+$' }), {
  maxItems: 20,
});

/**
 * Which of a model's providers OpenRouter may use. A server that is not a router is sent only `zdr` and
 * `dataCollection`.
 */
export const ProviderRouting = Type.Object(
  {
    order: Type.Optional(ProviderNames),
    only: Type.Optional(ProviderNames),
    dataCollection: Type.Optional(
      Type.Union([Type.Literal('allow'), Type.Literal('deny')], {
        description: 'Whether providers may be asked that keep prompts or train on them.',
      }),
    ),
    zdr: Type.Optional(Type.Boolean({ description: 'True asks providers only that keep nothing.' })),
  },
  closed,
);
export type ProviderRouting = Static<typeof ProviderRouting>;

/** How PDFs are read for the model: by the text in them, which costs nothing, or page by page as pictures, for scans. */
export const PdfEngine = Type.Union([Type.Literal('text'), Type.Literal('ocr')]);
export type PdfEngine = Static<typeof PdfEngine>;

/** What reading a scanned page costs at OpenRouter, in US dollars, as of August 2026. The receipt has what was charged. */
export const ocrUsdPerPage = 0.002;

/** The options of an answer. A parameter that the model does not support is not sent. */
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
    fallbackModels: Type.Optional(
      Type.Array(ModelId, {
        maxItems: 3,
        description: 'Asked in this order when the model fails before its first text.',
      }),
    ),
    provider: Type.Optional(ProviderRouting),
    pdfEngine: Type.Optional(PdfEngine),
  },
  closed,
);
export type GenerationOptions = Static<typeof GenerationOptions>;

/**
 * Merges options: those of the narrower scope override those of the wider one. Thinking and routing are merged field by
 * field.
 */
export function joinOptions(
  wider: GenerationOptions | null | undefined,
  narrower: GenerationOptions | null | undefined,
): GenerationOptions | undefined {
  if (!wider || !narrower) return narrower ?? wider ?? undefined;
  const reasoning = { ...wider.reasoning, ...narrower.reasoning };
  const provider = { ...wider.provider, ...narrower.provider };
  return {
    ...wider,
    ...narrower,
    ...(Object.keys(reasoning).length > 0 && { reasoning }),
    ...(Object.keys(provider).length > 0 && { provider }),
  };
}
