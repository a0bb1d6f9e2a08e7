/** Checks whether the data folder is writable, and whether it has free space. */
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../../../../backend/src/config.ts';
import type { Finding } from './finding.ts';

/** Free space below which the folder is reported as nearly full, in bytes. */
const roomBytes = 1024 ** 3;

export function checkFolder({ dataDirectory }: Pick<Config, 'dataDirectory'>): Finding {
  const subject = 'Data folder';
  const isThere = existsSync(dataDirectory);
  const folder = isThere ? dataDirectory : nearestFolder(dataDirectory);
  try {
    if (!statSync(folder).isDirectory()) throw new Error('it is no folder');
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return {
      level: 'problem',
      subject,
      found: `${folder} cannot be written by this user.`,
      advice: 'Give this user the right to, or set RILL_DATA_DIR to a folder of its own.',
    };
  }
  const { bavail, bsize } = statfsSync(folder);
  const gigabytes = ((bavail * bsize) / 1024 ** 3).toFixed(1);
  const found = `${dataDirectory} ${isThere ? 'can be written' : 'is made at the first start'}; ${gigabytes} GB are free.`;
  if (bavail * bsize >= roomBytes) return { level: 'ok', subject, found };
  return { level: 'warning', subject, found, advice: 'Make room: nothing can be stored on a full disk.' };
}

function nearestFolder(path: string): string {
  const parent = dirname(path);
  return existsSync(parent) || parent === path ? parent : nearestFolder(parent);
}
