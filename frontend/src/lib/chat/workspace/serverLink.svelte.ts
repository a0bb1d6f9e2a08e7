/**
 * Tracks whether the server can be reached, and whether it has a newer build of the page. A loss is reported only when
 * it lasts, so that a restart does not flash; it is reported once, and so is the return.
 */
import type { ChatAnnouncer } from '../chatNotice.ts';

/** `back`: reached again, shown for a moment. */
export type Reach = 'reached' | 'lost' | 'back';

export interface ServerLinkOptions {
  /** Names the build that this page is of; null when it is none, as on the development server. */
  readonly pageBuild: string | null;
  readonly announcer: ChatAnnouncer;
}

const lossShownAfterMs = 1500;
const backShownMs = 3000;

export class ServerLink {
  reach = $state<Reach>('reached');
  /** True once the server has reported another build of the page. */
  isOutdated = $state(false);
  readonly #options: ServerLinkOptions;
  #isConnected = true;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ServerLinkOptions) {
    this.#options = options;
  }

  take(isConnected: boolean): void {
    if (isConnected === this.#isConnected) return;
    this.#isConnected = isConnected;
    clearTimeout(this.#timer);
    if (!isConnected) this.#timer = setTimeout(() => this.#show('lost'), lossShownAfterMs);
    else if (this.reach !== 'lost') this.reach = 'reached';
    else {
      this.#show('back');
      this.#timer = setTimeout(() => (this.reach = 'reached'), backShownMs);
    }
  }

  takeBuild(build: string | undefined): void {
    const { pageBuild, announcer } = this.#options;
    if (build === undefined || pageBuild === null || build === pageBuild || this.isOutdated) return;
    this.isOutdated = true;
    announcer.announce({ type: 'new-version' });
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  #show(reach: 'lost' | 'back'): void {
    this.reach = reach;
    this.#options.announcer.announce({ type: reach === 'lost' ? 'server-lost' : 'server-back' });
  }
}
