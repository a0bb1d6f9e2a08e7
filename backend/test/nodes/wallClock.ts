/** Gives one process a wall clock that can be set, by libfaketime; its steady clock stays as it is. */
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface WallClock {
  /** The settings of a process that has this clock. */
  readonly environment: Readonly<Record<string, string>>;
  /** How much it is ahead at the start of its process, or behind. */
  readonly startSeconds: number;
  /** The clock is ahead by so much from now on, or behind; a process notices within a second. */
  shift(seconds: number): void;
  remove(): void;
}

const library = ['x86_64', 'aarch64']
  .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketimeMT.so.1`)
  .find((path) => existsSync(path));

export const hasWallClocks = library !== undefined;

/** Null where the library is not installed (Debian: faketime). */
export function makeWallClock(startSeconds = 0): WallClock | null {
  if (library === undefined) return null;
  const folder = mkdtempSync(join(tmpdir(), 'rill-clock-'));
  const path = join(folder, 'shift');
  const shift = (seconds: number) => {
    // Renamed, so that no process reads a file that is half written.
    writeFileSync(`${path}.new`, `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}\n`);
    renameSync(`${path}.new`, path);
  };
  shift(startSeconds);
  return {
    startSeconds,
    environment: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: path,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    },
    shift,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
