/**
 * Builds the fields that let OpenRouter search the web and read pages while it answers. The model decides whether to do
 * so; the number of uses and the cost are bounded. The fields are the same in every turn, so that the beginning of the
 * prompt stays the same.
 */

/** Limits on an answer's use of the web. */
export interface WebAccess {
  /** No further tools are called once the answer has cost this much, in US dollars. */
  readonly maxCostUsd: number;
}

/** Fields of the body that are only sent together: no tools without a cost limit. */
export const webFields = ['tools', 'stop_server_tools_when'] as const;

/** Most searches, and most pages read, in one answer. */
const maxUses = 3;
/** Most results of one search that the model gets. */
const maxResults = 5;
/** Longest page that is read, in tokens. */
const maxPageTokens = 8000;
/** Most rounds of tools, after which the model must answer. */
const maxSteps = 6;

const tools = [
  {
    type: 'openrouter:web_search',
    parameters: { max_results: maxResults, max_uses: maxUses, search_context_size: 'low' },
  },
  // OpenRouter reads pages itself, which is free, and no third party sees the address.
  {
    type: 'openrouter:web_fetch',
    parameters: { engine: 'openrouter', max_uses: maxUses, max_content_tokens: maxPageTokens },
  },
];

export function buildWebFields({
  maxCostUsd,
}: WebAccess): Readonly<Record<(typeof webFields)[number], unknown>> {
  return {
    tools,
    stop_server_tools_when: [
      { type: 'step_count_is', step_count: maxSteps },
      { type: 'max_cost', max_cost_in_dollars: maxCostUsd },
    ],
  };
}
