/** Holds the words for the fields of a request to the provider, in the receipt of an answer. */

export const sentStrings = {
  yes: 'Yes',
  tokens: (count: string) => `${count} tokens`,
  fields: {
    model: 'Asked for',
    models: 'Else',
    max_tokens: 'Longest answer',
    max_completion_tokens: 'Longest answer',
    temperature: 'Temperature',
    top_p: 'Top P',
    seed: 'Seed',
    stop: 'Stops at',
    reasoning_effort: 'Thinking',
    'reasoning.effort': 'Thinking',
    'reasoning.max_tokens': 'Thinking, at most',
    'provider.order': 'Providers, in order',
    'provider.only': 'Only providers',
    'provider.zdr': 'Only providers that keep nothing',
    'provider.data_collection': 'Collecting prompts',
    tools: 'Tools',
    plugins: 'Plugins',
    modalities: 'Makes',
  } as Readonly<Record<string, string>>,
} as const;
