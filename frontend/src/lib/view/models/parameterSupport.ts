/** Determines which parameters a model has, by its provider's description. Without a description all may be set. */
import { type Model, type ReasoningEffort, reasoningEfforts } from '@rill/protocol';

export interface ParameterSupport {
  readonly hasTemperature: boolean;
  readonly hasTopP: boolean;
  readonly hasSeed: boolean;
  readonly hasStop: boolean;
  /** The efforts that can be chosen; none hides them. */
  readonly efforts: readonly ReasoningEffort[];
  /** True where the server routes to providers of its own choice. */
  readonly hasRouting: boolean;
}

const commonEfforts: readonly ReasoningEffort[] = ['none', 'low', 'medium', 'high'];

/** `model`: null for one that is in no list, of which nothing is known. */
export function supportOf(model: Model | null, models: readonly Model[]): ParameterSupport {
  const parameters = model?.supportedParameters;
  const takes = (...names: readonly string[]) =>
    parameters === undefined || names.some((name) => parameters.includes(name));
  const isThinking =
    takes('reasoning', 'reasoning_effort') && (parameters === undefined || model?.isReasoning !== false);
  const stated = reasoningEfforts.filter((effort) => model?.reasoningEfforts?.includes(effort));
  const efforts = stated.length > 0 ? stated : commonEfforts;
  return {
    hasTemperature: takes('temperature'),
    hasTopP: takes('top_p'),
    hasSeed: takes('seed'),
    hasStop: takes('stop'),
    efforts: isThinking ? efforts : [],
    hasRouting:
      models.length === 0 || models.some(({ supportedParameters }) => supportedParameters !== undefined),
  };
}
