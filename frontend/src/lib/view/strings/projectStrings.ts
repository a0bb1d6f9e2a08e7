/** Holds the sentences about settings that the chats of a project share. */
export const projectStrings = {
  settings: 'Instructions and model',
  chatsOf: (name: string) => `Chats of ${name}`,
  title: (name: string) => `Settings of ${name}`,
  instructions: 'Instructions',
  instructionsHint:
    'Sent before every message of this project, from the next message on. Earlier answers keep what they were asked with.',
  model: 'Model for new chats',
  modelHint: 'Empty: the model of the server.',
} as const;
