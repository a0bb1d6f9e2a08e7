/** Runs the user's actions on chats and projects, and holds the last failure. */
import type { ChatAnnouncer } from '../chatNotice.ts';
import { asRillError } from '../rillError.ts';

export interface WorkspaceAttemptsOptions {
  readonly announcer: ChatAnnouncer;
  readonly onUnauthorized: () => void;
}

export class WorkspaceAttempts {
  /** One sentence about an action that failed. */
  problem = $state<string | null>(null);
  readonly #options: WorkspaceAttemptsOptions;
  /** Chats and projects that are being deleted here, where what follows is decided. */
  readonly #deleting = new Set<string>();

  constructor(options: WorkspaceAttemptsOptions) {
    this.#options = options;
  }

  /** True when the action did not fail. */
  async run(action: () => Promise<void>): Promise<boolean> {
    this.problem = null;
    try {
      await action();
      return true;
    } catch (error) {
      const failure = asRillError(error);
      if (failure.code === 'unauthorized') this.#options.onUnauthorized();
      this.problem = failure.message;
      this.#options.announcer.announce({ type: 'failure', message: failure.message });
      return false;
    }
  }

  async delete(id: string, action: () => Promise<void>): Promise<void> {
    this.#deleting.add(id);
    await this.run(action);
    this.#deleting.delete(id);
  }

  isDeleting(id: string): boolean {
    return this.#deleting.has(id);
  }
}
