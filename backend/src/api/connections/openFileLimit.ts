/** Reads how many files and connections the process may have open, and how many are open now. */
import { readdirSync, readFileSync } from 'node:fs';

export interface OpenFileCount {
  /** The system's limit, which Node has already raised as far as it may (`ulimit -Hn`). */
  readonly limit: number;
  readonly open: number;
}

/** Used when the system does not report how many are open. */
const usuallyOpen = 40;

/** Null without a limit, or when the system does not report one. */
export function readOpenFiles(): OpenFileCount | null {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const [, limit] = /^Max open files +(\d+)/m.exec(limits) ?? [];
    // Reading the folder opens one of them.
    return limit ? { limit: Number(limit), open: readdirSync('/proc/self/fd').length - 1 } : null;
  } catch {
    // No Linux.
    return readReport();
  }
}

function readReport(): OpenFileCount | null {
  // Skips name look-ups, which take time. Node's types do not have this option yet.
  Object.assign(process.report, { excludeNetwork: true });
  const report: { userLimits?: { open_files?: { soft?: unknown } } } = process.report.getReport();
  const limit = report.userLimits?.open_files?.soft;
  return typeof limit === 'number' ? { limit, open: usuallyOpen } : null;
}
