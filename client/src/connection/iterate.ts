/**
 * Turns events that are pushed into one iteration for one reader: the only generator between the socket and the
 * reader. Everything behind it is plain promises and callbacks.
 */

/** Passes an event to the reader. Resolves when the reader requests the next one, or leaves. */
export type PushEvent<Event> = (event: Event) => Promise<void>;

interface PushedEvent<Event> {
  readonly event: Event;
  readonly onRead: () => void;
}
interface IterationState {
  wake: () => void;
  /** How the work ended; null while it runs. */
  ending: { readonly error: unknown } | 'quiet' | null;
}

/**
 * Starts `work` with the first `next()` and yields what it pushes. Work that awaits each push reads nothing ahead;
 * events that are pushed without waiting are queued. Ends when the work resolves, after all that was pushed. When the
 * reader leaves, the work's signal aborts, and the iteration ends once the work has.
 * Errors: whatever the work rejects with.
 */
export async function* iterate<Event>(
  signal: AbortSignal | undefined,
  work: (push: PushEvent<Event>, signal: AbortSignal) => Promise<void>,
): AsyncGenerator<Event, void, undefined> {
  const leaving = new AbortController();
  const either = AbortSignal.any([leaving.signal, ...(signal ? [signal] : [])]);
  const waiting: PushedEvent<Event>[] = [];
  const state: IterationState = { wake: () => undefined, ending: null };
  const end = (ending: IterationState['ending']): void => {
    state.ending = ending;
    state.wake();
  };
  const push = (event: Event): Promise<void> =>
    leaving.signal.aborted
      ? Promise.resolve()
      : new Promise((onRead) => {
          waiting.push({ event, onRead });
          state.wake();
        });
  const working = work(push, either).then(
    () => end('quiet'),
    (error: unknown) => end({ error }),
  );
  let current: PushedEvent<Event> | undefined;
  try {
    for (;;) {
      current = waiting.shift();
      if (current) {
        yield current.event;
        current.onRead();
      } else if (state.ending === 'quiet') return;
      else if (state.ending) throw state.ending.error;
      else await new Promise<void>((resolve) => (state.wake = resolve));
    }
  } finally {
    leaving.abort();
    for (const { onRead } of [...(current ? [current] : []), ...waiting.splice(0)]) onRead();
    await working;
  }
}
