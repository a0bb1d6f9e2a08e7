/** Makes the name of a file that a chat is exported to. */

/** A name that every system takes: letters and digits of every script. */
export const exportFileName = (title: string, extension: string): string =>
  `${
    title
      .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
      .replaceAll(/^-|-$/g, '')
      .slice(0, 80) || 'chat'
  }.${extension}`;
