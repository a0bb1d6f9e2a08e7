/** Notifies the sender of queues that a chat may be ready for its next message. */
import type { ChatKey } from '../../store/chats/chats.ts';

export interface QueueWake extends ChatKey {
  /** The run that has just ended; null for none. */
  readonly endedRunId: string | null;
}

export class QueueWakes {
  #listener: (wake: QueueWake) => void = () => undefined;

  /** Only the last listener is called. Earlier changes are in the database. */
  listen(listener: (wake: QueueWake) => void): void {
    this.#listener = listener;
  }

  tell(wake: QueueWake): void {
    this.#listener(wake);
  }
}
