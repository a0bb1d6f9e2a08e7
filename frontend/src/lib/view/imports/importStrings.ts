/** Holds the words of imports. */
import type { ImportItem, ImportJob, ImportOutcome } from '@rill/protocol';
import { formatCount, plural } from '../strings/format.ts';

const productNames: Readonly<Record<NonNullable<ImportJob['product']>, string>> = {
  rill: 'Rill',
  chatgpt: 'ChatGPT',
  claude: 'Claude',
  'open-webui': 'Open WebUI',
  librechat: 'LibreChat',
  'chat-ui': 'chat-ui',
};

const chats = (count: number) => plural(count, 'conversation', 'conversations');

export const importStrings = {
  title: 'Import',
  hint: 'An export of ChatGPT, Claude, Open WebUI, LibreChat or chat-ui, or an archive of Rill: a .zip or .json file. What is in it is counted first.',
  choose: 'Choose a file…',
  drop: 'or drop it here',
  sending: (name: string) => `Sends ${name}`,
  cancel: 'Cancel',
  counting: (name: string) => `Counts what is in ${name}`,
  counted: ({ product, count }: ImportJob) =>
    `${product === null ? 'The file' : productNames[product]} has ${chats(count?.conversations ?? 0)} with ${plural(count?.messages ?? 0, 'message', 'messages')}.`,
  others: (count: number) =>
    `${plural(count, 'other thing', 'other things')} cannot be shown; the report says why.`,
  into: 'Into the project',
  newProject: ({ product }: ImportJob) =>
    `A new one: ${product === null ? 'Imported' : productNames[product]}`,
  start: (count: number) => `Import ${chats(count)}`,
  running: ({ doneItems, count }: ImportJob) =>
    `${formatCount(doneItems)} of ${formatCount(count?.items ?? 0)}`,
  runs: 'The import runs. It continues when this page is closed.',
  progress: 'Progress of the import',
  stop: 'Stop',
  stopped: ({ doneItems, count }: ImportJob) =>
    count === null
      ? 'The import is stopped. Nothing was stored.'
      : `The import is stopped at ${formatCount(doneItems)} of ${formatCount(count.items)}. What is stored stays.`,
  resume: 'Continue',
  forget: 'Forget this import',
  failed: 'The import failed.',
  dismiss: 'Close',
  done: ({ outcomes }: ImportJob) => {
    const [isNew, changed, same] = [
      (outcomes.imported ?? 0) + (outcomes.partial ?? 0),
      outcomes.updated ?? 0,
      outcomes.unchanged ?? 0,
    ];
    const parts = [`${formatCount(isNew)} new`];
    if (changed > 0) parts.push(`${formatCount(changed)} updated`);
    if (same > 0) parts.push(`${formatCount(same)} here already`);
    return `The import is done: ${parts.join(', ')}.`;
  },
  report: 'Report',
  which: 'Show',
  all: (count: number) => `All (${formatCount(count)})`,
  outcome: (outcome: ImportOutcome, count: number) => `${outcomeNames[outcome]} (${formatCount(count)})`,
  outcomeOf: ({ outcome }: ImportItem) => outcomeNames[outcome],
  more: 'Show more',
} as const;

const outcomeNames: Readonly<Record<ImportOutcome, string>> = {
  failed: 'Not imported',
  partial: 'Not fully understood',
  imported: 'New',
  updated: 'Updated',
  unchanged: 'Here already',
  skipped: 'Left out',
};

/** In the order in which they are offered. */
export const importOutcomes = Object.keys(outcomeNames) as readonly ImportOutcome[];
