/** Detects file systems without reliable locks, or whose locks other machines do not see. */
import { statfsSync } from 'node:fs';

/** By Linux's file system number. */
const withoutLocks: Readonly<Record<number, string>> = {
  26985: 'NFS',
  20859: 'SMB',
  4283649346: 'CIFS',
  4266872130: 'SMB',
  16914839: '9p',
  1397113167: 'AFS',
  1799439955: 'AFS',
  1937076805: 'Coda',
  22092: 'NCP',
  12805120: 'Ceph',
  198183888: 'Lustre',
  1702057286: 'FUSE',
};

/** A warning if the folder's file system may not support locks; null if it does or is unknown. */
export function lockWarning(dataDirectory: string, typeOf = typeOfFileSystem): string | null {
  const name = withoutLocks[typeOf(dataDirectory)];
  if (name === undefined) return null;
  return `The data folder ${dataDirectory} is on a ${name} file system, whose locks may not hold: keep it on a local disk (RILL_DATA_DIR), or be sure that no second Rill ever uses it.`;
}

function typeOfFileSystem(path: string): number {
  // These numbers exist only on Linux.
  return process.platform === 'linux' ? statfsSync(path).type >>> 0 : 0;
}
