/** Holds the sentences about what the chats of a project have in common. */
import type { ReasoningEffort } from '../dialogs/projectForm.ts';

export const projectStrings = {
  settings: 'Instructions and model',
  chatsOf: (name: string) => `Chats of ${name}`,
  title: (name: string) => `Settings of ${name}`,
  instructions: 'Instructions',
  instructionsHint:
    'Sent before every message of this project, from the next message on. Earlier answers keep what they were asked with.',
  model: 'Model for new chats',
  modelHint: 'Empty: the model of the server.',
  temperature: 'Temperature, 0 to 2',
  maxTokens: 'Longest answer, in tokens',
  effort: 'Thinking',
  unset: 'The model decides',
  efforts: { none: 'None', low: 'Low', medium: 'Medium', high: 'High' } satisfies Record<
    ReasoningEffort,
    string
  >,
} as const;
