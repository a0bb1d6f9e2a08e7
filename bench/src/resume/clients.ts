/** Runs the readers of the resume bench in a separate process; each attaches over a new connection. */
import { answerQuestions } from '../support/child.ts';
import { readStream } from '../support/timedRequest.ts';

export interface Attach {
  readonly url: string;
  /** If it is set, the request is a send. */
  readonly body?: string;
  /** Length of the answer in UTF-16 units at which the reader has caught up; null waits for the terminal frame. */
  readonly contentLength: number | null;
  /** True to leave after catching up, false to stay to the end. */
  readonly leaves: boolean;
}

export interface AttachQuestion {
  readonly targets: readonly Attach[];
  /** Starts the readers evenly over this time (0: all at once). When undefined, `atOnce` run at a time (default 1). */
  readonly overMs?: number;
  readonly atOnce?: number;
}

export interface AttachAnswer {
  readonly runId: string;
  /** Null when the request was not served. */
  readonly caughtUpMs: number | null;
  readonly endedMs: number | null;
  readonly frameCount: number;
  readonly wireBytes: number;
  /** Why the request was not served. */
  readonly failure?: string;
}

const finite = (ms: number): number | null => (Number.isFinite(ms) ? ms : null);

async function attach({ url, body, contentLength, leaves }: Attach): Promise<AttachAnswer> {
  try {
    const read = await readStream(url, {
      ...(body !== undefined && { body }),
      leaves,
      isCaughtUp: (scanner) =>
        contentLength === null ? scanner.isEnded : scanner.contentLength >= contentLength,
    });
    return { ...read, caughtUpMs: finite(read.caughtUpMs), endedMs: finite(read.endedMs) };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return { runId: '', caughtUpMs: null, endedMs: null, frameCount: 0, wireBytes: 0, failure };
  }
}

async function attachAll({ targets, overMs, atOnce = 1 }: AttachQuestion): Promise<AttachAnswer[]> {
  if (overMs === undefined) {
    const answers: AttachAnswer[] = [];
    const rest = targets.entries();
    const work = async (): Promise<void> => {
      for (const [index, target] of rest) answers[index] = await attach(target);
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    return answers;
  }
  const pending: Promise<AttachAnswer>[] = [];
  const startMs = performance.now();
  for (const [index, target] of targets.entries()) {
    const dueMs = startMs + (overMs * index) / targets.length;
    const earlyMs = dueMs - performance.now();
    if (earlyMs > 1) await new Promise((resolve) => setTimeout(resolve, earlyMs));
    pending.push(attach(target));
  }
  return Promise.all(pending);
}

process.stdout.write('ready clients\n');
answerQuestions((question) => attachAll(question as unknown as AttachQuestion));
