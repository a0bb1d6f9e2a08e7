/** Reads CPU time and memory of a process from Linux's /proc; nothing runs inside the measured process. */
import { readdirSync, readFileSync } from 'node:fs';

/** CPU time of all threads so far, in microseconds. Source: proc(5), schedstat. */
export function cpuUs(pid: number): number {
  let totalNs = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const [runNs = '0'] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ');
    totalNs += Number(runNs);
  }
  return totalNs / 1000;
}

/** Resident memory, in bytes. */
export function residentBytes(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1] ?? 0) * 1024;
}

/** The largest resident memory so far, in bytes. */
export function largestMemoryBytes(pid: number): number {
  const match = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1] ?? 0) * 1024;
}

/** A clock that all processes of a machine share, in microseconds: CLOCK_MONOTONIC. */
export const sharedNowUs = (): number => Number(process.hrtime.bigint() / 1000n);
