/** Holds the sentences of the screens that stand in the place of a chat or of the whole page. */
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

  noProject: {
    title: 'Start with a project',
    body: 'A project keeps chats together. Create one to begin.',
  },
} as const;
