/** Holds the words of the notification of an answer that ended in a hidden tab, and of the question that allows it. */
export const finishedStrings = {
  complete: 'The answer is ready.',
  failed: 'The answer ended with an error.',
  ask: 'Be told when an answer is ready while you are elsewhere?',
  allow: 'Tell me',
} as const;
