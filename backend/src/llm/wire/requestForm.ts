/** Defines in which form a server accepts requests to a model: the full form without what the server refused. */
import { arrayOf, numberOf, parseJsonObject } from './jsonValue.ts';

export type LimitName = 'max_tokens' | 'max_completion_tokens';

export interface RequestForm {
  /** Fields of the body that are not sent. Without `stream` the answer comes as one body. */
  readonly leftOut: readonly string[];
  /** The name of the answer limit; null sends none. */
  readonly limitName: LimitName | null;
  /** True puts the system prompt into the first message of the user instead of a role of its own. */
  readonly foldsSystem: boolean;
  /** The largest answer limit that the server accepts, in tokens; null when not known. */
  readonly answerTokens: number | null;
  /** Longest prompt and answer together, in tokens, as stated by the server; null when it was not. */
  readonly contextTokens: number | null;
}

export const fullForm: RequestForm = {
  leftOut: [],
  limitName: 'max_tokens',
  foldsSystem: false,
  answerTokens: null,
  contextTokens: null,
};

export const encodeRequestForm = (form: RequestForm): string => JSON.stringify(form);

/** Fields that this version does not know count as those of the full form. */
export function decodeRequestForm(text: string): RequestForm {
  const json = parseJsonObject(text) ?? {};
  const { limitName } = json;
  const isLimitName = limitName === 'max_tokens' || limitName === 'max_completion_tokens';
  return {
    leftOut: arrayOf(json.leftOut).filter((name) => typeof name === 'string'),
    limitName: isLimitName || limitName === null ? limitName : fullForm.limitName,
    foldsSystem: json.foldsSystem === true,
    answerTokens: numberOf(json.answerTokens),
    contextTokens: numberOf(json.contextTokens),
  };
}
