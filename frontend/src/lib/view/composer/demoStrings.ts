/** Holds the sentences about the demo. */
export const demoStrings = {
  badge: 'Demo',
  label: 'About the demo',
  words: 'Answers come from the built-in simulator. Enter a key in the settings to talk to real models.',
} as const;
