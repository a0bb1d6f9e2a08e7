/** Counts changes that affect usage figures, here and elsewhere, so that views of them know when to read again. */
import type { FeedListener } from '@rill/client/source';
import type { FeedEvent } from '@rill/protocol';

export class UsageNews {
  /** Greater with each change. */
  version = $state(0);

  /** The listener, with this one hearing everything before it. */
  hearing(listener: FeedListener): FeedListener {
    return {
      ...listener,
      onEvent: (event, isReader) => {
        if (changesUsage(event)) this.version += 1;
        listener.onEvent(event, isReader);
      },
    };
  }
}

/** An answer has ended, the provider counted one, or something was missed. */
function changesUsage(event: FeedEvent): boolean {
  if (event.type === 'run-change') return event.data.run.endedAtMs !== null;
  return event.type === 'message-change' || (event.type === 'feed-start' && !event.data.isWhole);
}
