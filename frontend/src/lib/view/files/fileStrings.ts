/** Holds every sentence about files and pictures, in messages and before they are sent. */
import type { UploadFailure } from '../../chat/files/fileUploads.svelte.ts';
import { formatCost, formatCount, plural } from '../strings/format.ts';

const failures: Readonly<Record<UploadFailure, string>> = {
  empty: 'It is empty.',
  'too-large': 'It is too large.',
  'too-many-pixels': 'It has too many pixels to be read here. Make it smaller first.',
  'unreadable-picture': 'This browser cannot read the picture. Save it as JPEG or PNG first.',
  unreadable: 'It could not be read. A folder cannot be attached.',
  refused: 'The server does not take it.',
  lost: 'It was lost when the page was loaded again. Choose it once more.',
};

/** As sizes are read: 812 bytes, 3.4 KB, 12 MB. */
function size(bytes: number): string {
  if (bytes < 1024) return plural(bytes, 'byte', 'bytes');
  const [value, unit] = bytes < 1024 * 1024 ? [bytes / 1024, 'KB'] : [bytes / 1024 / 1024, 'MB'];
  return `${value < 10 ? value.toFixed(1).replace('.0', '') : formatCount(Math.round(value))} ${unit}`;
}

export const fileStrings = {
  attach: 'Attach files…',
  attachShort: 'Attach files',
  drop: 'Drop to attach',
  noTarget: 'Open a chat to attach files to a message.',
  attached: 'Attached files',
  added: (count: number) => `${plural(count, 'file', 'files')} attached`,
  leftOut: (count: number, limit: number) =>
    `${plural(count, 'file was', 'files were')} left out: ${limit} at most can be attached.`,
  preparing: 'Preparing',
  uploading: (percent: number) => `Uploading, ${percent} %`,
  progress: (name: string) => `Upload of ${name}`,
  waiting: 'Waiting for the server',
  failure: (failure: UploadFailure, reason: string | null) => reason ?? failures[failure],
  retry: (name: string) => `Upload again: ${name}`,
  remove: (name: string) => `Remove ${name}`,
  removed: (name: string) => `Removed ${name}`,
  size,
  picture: (width: number, height: number) => `${formatCount(width)} × ${formatCount(height)}`,
  pages: (pages: number) => `all ${plural(pages, 'page', 'pages')}`,
  onePage: '1 page',
  pdf: 'PDF',
  text: 'Text',
  scans: (usdPerPage: number, pages: number | null) =>
    pages === null
      ? `Read scanned pages too, ${formatCost(usdPerPage)} for each page`
      : `Read scanned pages too, ${formatCost(usdPerPage * pages)} for ${plural(pages, 'page', 'pages')}`,
  tokens: (tokens: number) => `≈${plural(tokens, 'token', 'tokens')}`,
  unknownTokens: 'size for the model unknown',
  doesNotFit: 'too long for this model',
  tooLong: (tokens: number, limit: number) =>
    `Too long for this model: ≈${formatCount(tokens)} tokens of files, and it reads ${formatCount(limit)}.`,
  noPictures: (model: string) => `${model} cannot see pictures.`,
  chooseModel: 'Choose another model',
  open: (name: string) => `Open ${name}`,
  download: 'Download',
  downloadLabel: (name: string) => `Download ${name}`,
  editPicture: 'Edit this picture',
  generated: 'Picture made by the model',
  openGenerated: 'Open picture made by the model',
} as const;
