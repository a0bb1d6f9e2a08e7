/** Tells the sender of queues that a chat may be free for its next message. */
import type { ChatKey } from '../../store/chats/chats.ts';

export interface QueueWake extends ChatKey {
  /** The run that has just ended; null when none has. */
  readonly endedRunId: string | null;
}

export class QueueWakes {
  #listener: (wake: QueueWake) => void = () => undefined;

  /** Only the last listener is called. What was told before it came is in the database. */
  listen(listener: (wake: QueueWake) => void): void {
    this.#listener = listener;
  }

  tell(wake: QueueWake): void {
    this.#listener(wake);
  }
}
