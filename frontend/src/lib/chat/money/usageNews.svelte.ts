/** Counts changes that affect usage figures, here and elsewhere, so that views of them know when to read again. */
import type { FeedListener } from '@rill/client/source';
import type { FeedEvent } from '@rill/protocol';

export class UsageNews {
  /** Greater with each change. */
  version = $state(0);

  /** Wraps the listener, so that this one gets every event first. */
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

/** Notes that an answer ended, that the provider's figure arrived, or that events were missed. */
function changesUsage(event: FeedEvent): boolean {
  if (event.type === 'run-change') return event.data.run.endedAtMs !== null;
  return event.type === 'message-change' || (event.type === 'feed-start' && !event.data.isWhole);
}
