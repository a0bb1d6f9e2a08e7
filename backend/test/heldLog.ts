/** Provides an event log whose appends stay open until a test lets them succeed or fail. */
import type { EventLog, LogRecord } from '../src/log/eventLog.ts';

export interface HeldAppend {
  readonly records: readonly LogRecord[];
  succeed(): Promise<void>;
  fail(error: Error): Promise<void>;
}

export interface HeldLog {
  readonly log: EventLog;
  /** Every append so far, including settled ones. */
  readonly appends: readonly HeldAppend[];
  /** The last append. */
  readonly last: HeldAppend;
  /** Makes all later appends succeed by themselves. */
  succeedAlways(): void;
}

export function createHeldLog(): HeldLog {
  const appends: HeldAppend[] = [];
  const state = { isHolding: true };
  const refuse = () => Promise.reject(new Error('Only appends are held.'));
  return {
    appends,
    get last() {
      const last = appends.at(-1);
      if (!last) throw new Error('Nothing was appended.');
      return last;
    },
    succeedAlways() {
      state.isHolding = false;
    },
    log: {
      windowMs: 25,
      append(_lease, records) {
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        appends.push({
          records,
          succeed: () => settle(resolve),
          fail: (error) => settle(() => reject(error)),
        });
        if (!state.isHolding) resolve();
        return promise;
      },
      appendWithin: refuse,
      read: refuse,
      readAfter: refuse,
      measure: refuse,
      cleanUp: refuse,
    },
  };
}

/** Code that awaits the append has continued once this resolves. */
async function settle(answer: () => void): Promise<void> {
  answer();
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
}
