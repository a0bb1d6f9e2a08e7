/** Holds the sentences of the screens that replace a chat or the whole page. */
import { plural } from './format.ts';

export const screenStrings = {
  signIn: {
    title: 'Sign in to Rill',
    body: 'This server asks for its access token. It is the value of RILL_ACCESS_TOKEN.',
    label: 'Access token',
    submit: 'Sign in',
    submitting: 'Signing in',
    wrong: 'This token is not right.',
  },

  missing: {
    address: 'There is nothing at this address',
    addressBody: 'The link may be cut short or mistyped. Your chats are in the sidebar.',
    project: 'This project does not exist',
    projectBody: 'It may have been deleted. Your other projects are in the sidebar.',
    goHome: 'Go to your chats',
  },

  missingChat: {
    title: 'This chat does not exist',
    body: 'It may have been deleted. A temporary chat is kept by one server alone, until that ends. Your other chats are in the sidebar.',
    inBin: 'This chat is in the bin',
    inBinBody: 'Restore it to read it and to continue it.',
    text: 'What you had written here and was not sent is kept.',
    move: 'Move it to a new chat',
  },

  noProject: {
    title: 'Start with a project',
    body: 'A project keeps chats together. Create one to begin.',
  },

  debug: {
    label: 'Debug',
    facts: (checked: number, corrected: number) =>
      `${plural(checked, 'streamed text', 'streamed texts')} checked, ${plural(corrected, 'block', 'blocks')} corrected`,
  },
} as const;
